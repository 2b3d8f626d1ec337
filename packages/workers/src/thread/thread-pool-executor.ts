// ThreadPoolExecutor: calls run on worker threads.
import { PoolExecutor } from "../dispatch/pool-executor.js";
import { type PoolOptions, resolvePoolOptions } from "../dispatch/pool-options.js";
import { threadKind } from "./thread-kind.js";

/** Options of a thread pool. */
export type ThreadPoolOptions = PoolOptions;

/**
 * An executor over worker threads. Threads start as they are needed.
 *
 * Cancelling a call is a store in shared memory. A thread is ended only if a call does not stop within its
 * `graceMs`. `shutdown` (or `await using`) waits for the calls that the executor has. A program that never
 * calls it exits when no call is pending.
 * @throws InvalidOptionError an option is out of range
 * @see https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
 */
export class ThreadPoolExecutor extends PoolExecutor {
  constructor(options?: ThreadPoolOptions) {
    const resolved = resolvePoolOptions(options, {}, "new ThreadPoolExecutor()");
    super(threadKind(resolved), resolved);
  }
}
