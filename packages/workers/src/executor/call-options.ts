// The options of a call: type, defaults and check. A view made by `executor.with()` carries them. Every
// executor resolves them here, so that a bad value has the same error everywhere.
import { abortSignal, callback, checkOptions, finiteNumber, integer, invalidOption, objectWith, oneOf, type OptionTable, requireOptions, spanMs, text } from "./check-options.js";
import { isPropagated } from "./propagate.js";

/** What happens to the future of a running call when it is cancelled. */
export type OnCancel = "abandon" | "wait" | "terminate";

/** Is given what a running function reports. Its parameter may have any type: the two are not checked against each other. */
export type ProgressListener = { listen(value: unknown): void }["listen"];

/** Options of a call. Each is optional. */
export interface CallOptions {
  /** Cancels the call when it fires. One signal may serve any number of calls. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that the call may wait for a worker before it rejects with `CallTimeoutError`.
   * @default Infinity
   */
  queueTimeoutMs?: number | undefined;
  /**
   * Milliseconds that it may run, from the moment that its worker begins it; then it is cancelled by the
   * same two stages as by a signal, and rejects with `CallTimeoutError`.
   * @default Infinity
   */
  runTimeoutMs?: number | undefined;
  /**
   * Calls with a higher priority leave the queue first; equals in the order of submission.
   * @default 0; any finite number
   */
  priority?: number | undefined;
  /** Objects in the arguments that move to the worker instead of being copied, such as `ArrayBuffer`s. */
  transfer?: readonly unknown[] | undefined;
  /**
   * How many more times the call may run when its worker ends in the middle of it: declares it
   * idempotent. Errors that the function throws are never retried, nor is a stream that has given items.
   * @default 0
   */
  retries?: number | undefined;
  /**
   * What becomes of a running call's future on cancellation. `abandon`: it rejects at once, and the
   * worker is free again when the function has ended. `wait`: it settles when the function has ended.
   * `terminate`: it rejects at once, and the worker is ended at once.
   * @default "abandon"
   */
  onCancel?: OnCancel | undefined;
  /**
   * Milliseconds between the cancellation of a running call and the end of its worker, for functions
   * that do not look at `taskContext()`. `Infinity`: never end it.
   * @default 5000: long enough for an orderly clean-up, short enough that a stuck worker comes back; a guess
   */
  graceMs?: number | undefined;
  /**
   * Is given what the function reports by `taskContext().progress(value)`, in order, while it runs.
   * What it throws is an uncaught exception.
   */
  onProgress?: ProgressListener | undefined;
  /**
   * A bound on calls that may be under way at once, shared with whoever else has it: the call waits
   * for `acquire` before it enters the queue, and `release` is called when its worker is done with it,
   * also where its future was settled before. `CapacityLimiter` and `Semaphore` of @offloop/core fit.
   * What `acquire` throws rejects the call; what `release` throws is an uncaught exception.
   */
  limiter?: CallLimiter | undefined;
  /**
   * Values for propagated storages, by the name that `propagate` gave them, in place of what they
   * hold at the call.
   * @default undefined: each as it is at the call
   */
  context?: Readonly<Record<string, unknown>> | undefined;
  /**
   * The call's name in errors and events.
   * @default the function's name
   */
  name?: string | undefined;
}

/** A bound on how much is under way at once. */
export interface CallLimiter {
  /** Resolves when there is room, which is taken then. */
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
  for (const key of Object.keys(given.context ?? {})) {
    if (!isPropagated(key)) throw invalidOption(of, `context.${key}`, given.context![key], "the name of a storage that propagate() was called for; no such one is known here");
  }
  const context = given.context === undefined ? base.context : { ...base.context, ...given.context };
  return { ...base, ...given, context } as ResolvedCallOptions;
}
