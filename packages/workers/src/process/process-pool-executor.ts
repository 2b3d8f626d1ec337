// ProcessPoolExecutor: calls run in child processes.
import { invalidOption } from "../executor/check-options.js";
import { PoolExecutor } from "../dispatch/pool-executor.js";
import { type PoolOptions, resolvePoolOptions } from "../dispatch/pool-options.js";
import { processKind } from "./process-kind.js";

/** Options of a process pool. */
export type ProcessPoolOptions = PoolOptions;

/**
 * An executor over child processes: for code that leaks, crashes, or keeps global state. A crash ends one
 * child, never this process.
 *
 * Processes share no memory: marked objects are copied instead of moved, and a `SharedArrayBuffer` cannot
 * be sent. A child ends with this process, also when this process is killed. A busy child has two more
 * seconds to end its call.
 * @throws InvalidOptionError an option is out of range
 * @see https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
 */
export class ProcessPoolExecutor extends PoolExecutor {
  constructor(options?: ProcessPoolOptions) {
    const resolved = resolvePoolOptions(options, {}, "new ProcessPoolExecutor()");
    if (typeof resolved.env === "symbol") throw invalidOption("new ProcessPoolExecutor()", "env", resolved.env, "an object of strings: processes share no environment");
    super(processKind(resolved), resolved);
  }
}
