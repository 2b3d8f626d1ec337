// ThreadPoolExecutor: calls run on worker threads.
import { PoolExecutor } from "../dispatch/pool-executor.js";
import { type PoolOptions, resolvePoolOptions } from "../dispatch/pool-options.js";
import { threadKind } from "./thread-kind.js";

/** Options of a thread pool. */
export type ThreadPoolOptions = PoolOptions;

/**
 * An executor over worker threads, started as they are needed.
 *
 * Cancellation costs a store in shared memory; a thread is ended only when a call does not stop in
 * its `graceMs`. `shutdown` (or `await using`) waits for the calls that it has; a program that never
 * calls it exits all the same when nothing is pending.
 * @throws InvalidOptionError an option has a value that it does not take
 * @see https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
 */
export class ThreadPoolExecutor extends PoolExecutor {
  constructor(options: ThreadPoolOptions = {}) {
    const resolved = resolvePoolOptions(options);
    super(threadKind(resolved), resolved);
  }
}
