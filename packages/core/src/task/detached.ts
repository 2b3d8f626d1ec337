// detached(): runs code that belongs to no task.
import { runInStrand } from "../loop/strand.js";

/**
 * Runs `fn` outside the current task. The task does not wait for what `fn` awaits, and its cancellation does not
 * reach `fn`. Use it for work that outlives its caller: pools, batchers, caches that the first caller fills.
 */
export function detached<T>(fn: () => T): T {
  return runInStrand(undefined, fn);
}
