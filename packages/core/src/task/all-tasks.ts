// allTasks(): the tasks that a loop has not finished.
import type { EventLoop } from "../loop/host.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { pendingTasks } from "./task-registry.js";
import type { Task } from "./task.js";

/**
 * Returns the tasks of a loop that are not done, oldest first.
 * @param loop `undefined`: the running loop
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.all_tasks
 */
export function allTasks(loop: EventLoop = getRunningLoop()): Set<Task<unknown>> {
  return pendingTasks.of(loop) as Set<Task<unknown>>;
}
