// The options of shutdown: type, defaults and check.
import { checkOptions, flag, type OptionTable, spanMs } from "./check-options.js";

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /**
   * Cancel the calls that have not started, instead of running them.
   * @default false
   */
  cancelPending?: boolean | undefined;
  /**
   * After this many milliseconds every pending call rejects with `CancelledError`, and its worker is ended.
   * The promise resolves when the last worker is gone. A thread in a system call that Node cannot interrupt, such
   * as `execSync`, stays until that returns: the promise resolves 2 seconds after its kill, with a warning.
   * @default Infinity
   */
  timeoutMs?: number | undefined;
}

/** Shutdown options with every default filled in. */
export interface ResolvedShutdownOptions {
  readonly cancelPending: boolean;
  readonly timeoutMs: number;
}

const defaultShutdownOptions: ResolvedShutdownOptions = Object.freeze({ cancelPending: false, timeoutMs: Infinity });

const shutdownOptionTypes: OptionTable<ShutdownOptions> = { cancelPending: flag, timeoutMs: spanMs };

/** @throws InvalidOptionError */
export function resolveShutdownOptions(options: ShutdownOptions | undefined): ResolvedShutdownOptions {
  return options === undefined ? defaultShutdownOptions : ({ ...defaultShutdownOptions, ...checkOptions("shutdown()", options, shutdownOptionTypes) } as ResolvedShutdownOptions);
}
