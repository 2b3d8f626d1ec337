// ProcessPoolExecutor: calls run in child processes.
import { PoolExecutor } from "../dispatch/pool-executor.js";
import { type PoolOptions, resolvePoolOptions } from "../dispatch/pool-options.js";
import { processKind } from "./process-kind.js";

/** Options of a process pool. */
export type ProcessPoolOptions = PoolOptions;

/**
 * An executor over child processes: for code that leaks, crashes, or keeps global state. A crash
 * cannot take this process with it.
 *
 * There is no shared memory between processes: what is transferred is copied, and a
 * `SharedArrayBuffer` cannot be sent. A child ends with this process, also when that is killed;
 * one that is busy has two more seconds to end its call.
 * @throws InvalidOptionError an option has a value that it does not take
 * @see https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
 */
export class ProcessPoolExecutor extends PoolExecutor {
  constructor(options: ProcessPoolOptions = {}) {
    const resolved = resolvePoolOptions(options);
    super(processKind(resolved), resolved);
  }
}
