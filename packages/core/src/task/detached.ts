// detached(): runs code that belongs to no task.
import { invalidArgument } from "@offloop/workers/executor";
import { runOutsideTasks } from "../loop/strand.js";

/**
 * Runs `fn` outside the current task. The task does not wait for what `fn` awaits, and its cancellation does not
 * reach `fn`. Use it for work that outlives its caller: pools, batchers, caches that the first caller fills.
 * @throws InvalidArgumentError `fn` is no function; errors of `fn`
 */
export function detached<T>(fn: () => T): T {
  if (typeof fn !== "function") throw invalidArgument("detached()", "a function to run", fn, "detached(() => work())");
  return runOutsideTasks(fn);
}
