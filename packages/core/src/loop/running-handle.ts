// Knows which handle runs now, and publishes its name, or that of the task, in a global hook. Tools that
// look at a program, such as @offloop/watchdog, read the hook without importing this package.
//
//   globalThis[Symbol.for("offloop.running.v1")]: a Map from a library's own key to a function that
//   returns { task?: string } for what the library runs in the moment of the call
import { currentStrand } from "./strand.js";

/** What a handle is called. */
export interface HandleDescription {
  readonly name: string;
  /** The task that the handle steps, if it steps one. */
  readonly task?: string;
  /** Where the handle was scheduled; in debug mode. */
  readonly createdAt?: string;
}

/** A handle, or the next step of a task. */
export interface Runnable {
  describe(): HandleDescription;
}

let current: Runnable | undefined;

/** A handle begins. */
export function enterHandle(handle: Runnable): void {
  current = handle;
}

/** The handle has ended, and so have the microtasks that it woke. */
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
// Two copies of this package each have their own key, so that each names its own loop's work.
(realm[Symbol.for("offloop.running.v1")] ??= new Map()).set(`@offloop/core ${import.meta.url}`, runningWork);
