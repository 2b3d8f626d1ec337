// Which tasks there are. Held strongly until they are done, so that a task that only a promise knows
// of is not collected in the middle of its work.
import type { EventLoop } from "../event-loop.js";
import { getRunningLoop } from "../loop/running-loop.js";
import type { Task } from "./task.js";

const tasks = new WeakMap<EventLoop, Set<Task<unknown>>>();

export function addTask(task: Task<unknown>): void {
  let ofLoop = tasks.get(task.loop);
  if (ofLoop === undefined) tasks.set(task.loop, (ofLoop = new Set()));
  ofLoop.add(task);
}

export function removeTask(task: Task<unknown>): void {
  tasks.get(task.loop)?.delete(task);
}

/**
 * The tasks of a loop that are not done, oldest first.
 * @param loop `undefined`: the running loop
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks
 */
export function allTasks(loop: EventLoop = getRunningLoop()): Set<Task<unknown>> {
  return new Set(tasks.get(loop));
}
