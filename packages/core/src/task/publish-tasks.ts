// Publishes the tasks of this thread through a global hook. Tools that look into the process, such as `offloop dump`, read
// it without importing this package. Nothing is recorded for it: a reader pays for what it reads.
//
//   globalThis[Symbol.for("offloop.state.v1")]: a Map from a library's key to a function that returns its state, as JSON
import { functionName } from "@offloop/workers/executor";
import { type Future, isFuture } from "../future/future.js";
import { awaitedBy } from "./call-graph.js";
import { Task } from "./task.js";
import { pendingTasks } from "./task-registry.js";

/** A task, for tools. */
interface TaskState {
  readonly id: number;
  readonly name: string;
  readonly body: string;
  readonly waitsFor: readonly string[];
  readonly awaits: readonly number[];
  readonly stack: readonly string[];
}

/** A program may have a million tasks. A tool is shown the first ones. */
const MOST_TASKS = 10_000;

const ids = new WeakMap<Future<unknown>, number>();
let lastId = 0;

function idOf(task: Task<unknown>): number {
  let id = ids.get(task);
  if (id === undefined) ids.set(task, (id = ++lastId));
  return id;
}

function stateOf(task: Task<unknown>): TaskState {
  const awaited = [...awaitedBy(task)];
  const tasks = awaited.filter((future) => future instanceof Task);
  const others = awaited.filter((future) => !(future instanceof Task) && !leadsFurther(future));
  return { id: idOf(task), name: task.getName(), body: functionName(task.getBody()), waitsFor: others.map(({ what }) => what), awaits: tasks.map(idOf), stack: task.getStack() };
}

/** Whether a future waits for others, which are shown in its place. */
function leadsFurther(future: Future<unknown>): boolean {
  for (const behind of future.awaits) if (isFuture(behind)) return true;
  return false;
}

const realm = globalThis as { [sources: symbol]: Map<string, () => unknown> | undefined };
const sources = (realm[Symbol.for("offloop.state.v1")] ??= new Map());
sources.set(`@offloop/core ${sources.size + 1}`, () => {
  const tasks = pendingTasks.loops.flatMap((loop) => [...pendingTasks.of(loop)] as unknown as Task<unknown>[]);
  return { tasks: tasks.slice(0, MOST_TASKS).map(stateOf), taskCount: tasks.length };
});
