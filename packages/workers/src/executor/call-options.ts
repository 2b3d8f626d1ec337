// The options of a call: type, defaults and check. A view made by `executor.with()` carries them. Every
// executor resolves them here, so that a bad value raises the same error in each executor.
import { abortSignal, callback, checkOptions, finiteNumber, integer, objectWith, oneOf, type OptionTable, requireOptions, spanMs, text } from "./check-options.js";
import { InvalidOptionError } from "./errors.js";
import type { FarCaller } from "./far-caller.js";
import { propagatedNames } from "./propagate.js";

/** The effect of a cancellation on the future of a running call; see `CallOptions.onCancel`. */
export type OnCancel = "abandon" | "wait" | "terminate";

/** Receives the values that a running function reports. Its parameter may have any type, which the compiler does not check. */
export type ProgressListener = { listen(value: unknown): void }["listen"];

/** Options of a call. Each is optional. */
export interface CallOptions {
  /** Cancels the call when the signal fires. One signal may serve any number of calls. @default none */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that the call may wait for a worker before it rejects with `CallTimeoutError`.
   * @default Infinity
   */
  queueTimeoutMs?: number | undefined;
  /**
   * Milliseconds that the call may run, counted from its start on the worker. After that the executor
   * cancels it in the same two stages as a signal does, and the call rejects with `CallTimeoutError`.
   * A worker that does not begin the call for 10 more seconds, though it holds no earlier one, is ended: a thread's
   * call then runs on another thread, a process's call rejects.
   * @default Infinity
   */
  runTimeoutMs?: number | undefined;
  /**
   * Calls with a higher priority leave the queue first. Calls of equal priority leave in the order of submission.
   * @default 0; any finite number
   */
  priority?: number | undefined;
  /** Objects in the arguments that move to the worker instead of being copied, such as `ArrayBuffer`s. @default none */
  transfer?: readonly unknown[] | undefined;
  /**
   * The number of times that the call may run again if its worker ends during the call. The option declares the call
   * idempotent. The executor does not retry errors that the function throws, and streams that have yielded items.
   * @default 0
   */
  retries?: number | undefined;
  /**
   * The effect of a cancellation on the future of a running call. `abandon`: the future rejects at once, and
   * the worker is free again when the function has ended. `wait`: the future settles when the function has
   * ended. `terminate`: the future rejects at once, and the executor ends the worker at once.
   * @default "abandon"
   */
  onCancel?: OnCancel | undefined;
  /**
   * Milliseconds between the cancellation of a running call and the end of its worker, for functions that do
   * not check `taskContext()`. `Infinity`: the executor never ends the worker.
   * @default 5000: long enough for an orderly clean-up, short enough to replace a stuck worker; a guess
   */
  graceMs?: number | undefined;
  /**
   * Receives each value that the function reports by `taskContext().progress(value)`, in order, while it runs.
   * An error that this callback throws is an uncaught exception.
   * @default none
   */
  onProgress?: ProgressListener | undefined;
  /**
   * Limits how many calls run at once, together with all other users of the same limiter. The call awaits
   * `acquire()` before it enters the queue. The executor calls `release()` when the worker has finished the
   * call, even if the future was settled earlier. `CapacityLimiter` and `Semaphore` of `@offloop/core` are
   * limiters. An error of `acquire()` rejects the call; an error of `release()` is an uncaught exception.
   * @default none
   */
  limiter?: CallLimiter | undefined;
  /**
   * Values for propagated storages, by the name that `propagate` gave them. They replace the values that
   * the storages hold at the call.
   * @default undefined: each storage's value at the call
   */
  context?: Readonly<Record<string, unknown>> | undefined;
  /**
   * The call's name in errors and events.
   * @default the function's name
   */
  name?: string | undefined;
}

/** Limits how many calls run at once. */
export interface CallLimiter {
  /** Takes room for one call. Resolves when the room has been taken. */
  acquire(): PromiseLike<unknown> | void;
  /** Gives the room back. */
  release(): void;
}

/** Call options with every default filled in. */
export interface ResolvedCallOptions {
  readonly signal: AbortSignal | undefined;
  readonly queueTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly priority: number;
  readonly transfer: readonly unknown[] | undefined;
  readonly retries: number;
  readonly onCancel: OnCancel;
  readonly graceMs: number;
  readonly onProgress: ProgressListener | undefined;
  readonly limiter: CallLimiter | undefined;
  readonly context: Readonly<Record<string, unknown>> | undefined;
  readonly name: string | undefined;
  /** For hosts, which run calls of callers elsewhere; `undefined`: the caller is this thread. */
  readonly far?: FarCaller | undefined;
}

/** The defaults of a call. */
export const defaultCallOptions: ResolvedCallOptions = Object.freeze({
  signal: undefined,
  queueTimeoutMs: Infinity,
  runTimeoutMs: Infinity,
  priority: 0,
  transfer: undefined,
  retries: 0,
  onCancel: "abandon",
  graceMs: 5_000,
  onProgress: undefined,
  limiter: undefined,
  context: undefined,
  name: undefined,
});

const callOptionTypes: OptionTable<CallOptions> = {
  signal: abortSignal,
  queueTimeoutMs: spanMs,
  runTimeoutMs: spanMs,
  priority: finiteNumber,
  transfer: { takes: "an array of transferable objects", accepts: Array.isArray },
  retries: integer(0),
  onCancel: oneOf("abandon", "wait", "terminate"),
  graceMs: spanMs,
  onProgress: callback,
  limiter: objectWith(["acquire", "release"], "an object with acquire() and release()"),
  context: { takes: "an object of values by the names of propagated storages", accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value) },
  name: text,
};

/**
 * Checks call options and lays them over `base`. A view checks its options once, and a call none.
 * @param of the function that took them, for the message: `with()`
 * @throws InvalidOptionError names the first option that does not fit, and any that is unknown
 */
export function resolveCallOptions(options: CallOptions, base: ResolvedCallOptions = defaultCallOptions, of = "with()"): ResolvedCallOptions {
  const given = checkOptions(of, requireOptions(of, options), callOptionTypes);
  if (given.context === undefined) return { ...base, ...given } as ResolvedCallOptions;
  for (const key of Object.keys(given.context)) {
    const known = propagatedNames();
    if (known.includes(key)) continue;
    const registered = known.length === 0 ? "no storage is propagated" : `the propagated storages are ${known.map((name) => `\`${name}\``).join(", ")}`;
    throw new InvalidOptionError(`context.${key}`, `unknown option \`context.${key}\` of ${of}; ${registered}. Call propagate(storage, { name: ${JSON.stringify(key)} }) first.`);
  }
  return { ...base, ...given, context: { ...base.context, ...given.context } } as ResolvedCallOptions;
}
