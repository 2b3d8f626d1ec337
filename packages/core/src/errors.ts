// The errors of the loop. CancelledError is the class of the executors, so `instanceof` holds in both packages.
import { CancelledError, isError, OffloopError } from "@offloop/workers/executor";

export { CallTimeoutError, CancelledError, InvalidArgumentError, InvalidOptionError, InvalidStateError, OffloopError, TimeoutError } from "@offloop/workers/executor";

/** The loop is closed, by `close()` or because `run` has returned. */
export class LoopClosedError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_LOOP_CLOSED";
  declare readonly code: "ERR_OFFLOOP_LOOP_CLOSED";

  constructor() {
    super("The event loop is closed and schedules nothing more. Await what it runs before run() returns or close() is called.");
  }

  static {
    this.prototype.name = "LoopClosedError";
  }
}

/** What Node's own functions reject with when the signal of a cancelled task or scope has fired. */
export interface AbortOfCancellation extends Error {
  /** As of the errors with which Node's functions reject when their signal fires. */
  readonly name: "AbortError";
  /** The cancellation, with its message. */
  readonly cause: CancelledError;
}

/**
 * Whether an error is a cancellation. JavaScript's `catch` catches cancellations too, so a `catch` that
 * continues must check this first.
 */
export function isCancelled(error: unknown): error is CancelledError | AbortOfCancellation {
  if (isCancelledError(error)) return true;
  try {
    return isError(error) && error.name === "AbortError" && isCancelledError(error.cause);
  } catch {
    return false; // a getter or a trap of the error threw
  }
}

/** `error instanceof CancelledError`, also for a proxy whose traps throw. @internal */
export function isCancelledError(error: unknown): error is CancelledError {
  try {
    return error instanceof CancelledError;
  } catch {
    return false;
  }
}

/**
 * Throws the error again if it is a cancellation. Use it as the first line of a `catch` that handles errors.
 * @example
 * try { await step(); } catch (error) { rethrowCancelled(error); log(error); }
 */
export function rethrowCancelled(error: unknown): void {
  if (isCancelled(error)) throw error;
}
