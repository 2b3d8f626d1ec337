// The tasks of each loop that are not done. The references are strong, so that the garbage collector does not
// collect a running task that only a promise refers to.
import type { LoopHost } from "../loop/host.js";
import type { StrandTask } from "../loop/strand.js";

const tasks = new WeakMap<LoopHost, Set<StrandTask>>();

export function addTask(task: StrandTask): void {
  let ofLoop = tasks.get(task.loop);
  if (ofLoop === undefined) tasks.set(task.loop, (ofLoop = new Set()));
  ofLoop.add(task);
}

export function removeTask(task: StrandTask): void {
  tasks.get(task.loop)?.delete(task);
}

/** @returns a copy, oldest first */
export function tasksOf(loop: LoopHost): Set<StrandTask> {
  return new Set(tasks.get(loop));
}
