// Records the handle that runs now, and publishes the name of the handle or its task through a global hook. Tools such
// as @offloop/watchdog read the hook without importing this package.
//
//   globalThis[Symbol.for("offloop.running.v1")]: a Map from a library's key to a function that returns the
//   library's current work as { task?: string }
import type { Job } from "./job.js";
import { currentStrand } from "./strand.js";

let current: Job | undefined;

/** A handle begins. */
export function enterHandle(handle: Job): void {
  current = handle;
}

/** The handle, and the microtasks that it woke, have ended. */
export function leaveHandle(): void {
  current = undefined;
}

function runningWork(): { readonly task: string } | undefined {
  const task = currentStrand()?.task;
  if (task !== undefined) return { task: task.getName() };
  const handle = current?.describe();
  return handle && { task: handle.task ?? handle.name };
}

const realm = globalThis as { [sources: symbol]: Map<string, () => { readonly task: string } | undefined> | undefined };
const sources = (realm[Symbol.for("offloop.running.v1")] ??= new Map());
// Two copies of this package each have their own key, so that each names its own loop's work.
sources.set(`@offloop/core ${sources.size + 1}`, runningWork);
