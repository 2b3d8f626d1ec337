// detached(): code that belongs to no task, whoever calls it.
import { runInStrand } from "../loop/strand.js";

/**
 * Runs `fn` outside the current task: what it awaits is not charged to the task, and the task's
 * cancellation does not reach it. For what outlives its caller: pools, batchers, caches that the first
 * caller happens to fill.
 */
export function detached<T>(fn: () => T): T {
  return runInStrand(undefined, fn);
}
