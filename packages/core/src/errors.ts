// The errors of the loop. CancelledError is the class of the executors, so `instanceof` holds in both packages.
import { CancelledError, OffloopError } from "@offloop/workers/executor";

export { CancelledError, InvalidOptionError, OffloopError } from "@offloop/workers/executor";

/** A future is not in the state that the operation needs: it is settled twice, or read before it is done. */
export class InvalidStateError extends OffloopError {
  constructor(message: string) {
    super("ERR_OFFLOOP_INVALID_STATE", message);
  }

  static {
    this.prototype.name = "InvalidStateError";
  }
}

/** A `timeout` passed before its body ended. */
export class TimeoutError extends OffloopError {
  readonly timeoutMs: number;

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super("ERR_OFFLOOP_TIMEOUT", `The operation took longer than ${timeoutMs} ms`, options);
    this.timeoutMs = timeoutMs;
  }

  static {
    this.prototype.name = "TimeoutError";
  }
}

/** The loop is closed, by `close()` or because `run` has returned. */
export class LoopClosedError extends OffloopError {
  constructor() {
    super("ERR_OFFLOOP_LOOP_CLOSED", "The event loop is closed and schedules nothing more. Await what it runs before run() returns or close() is called.");
  }

  static {
    this.prototype.name = "LoopClosedError";
  }
}

/**
 * Whether an error is a cancellation. JavaScript's `catch` catches cancellations too, so a `catch` that
 * continues must check this first.
 */
export function isCancelled(error: unknown): boolean {
  if (error instanceof CancelledError) return true;
  return error instanceof Error && error.name === "AbortError" && error.cause instanceof CancelledError;
}

/**
 * Throws the error again if it is a cancellation. Use it as the first line of a `catch` that handles errors.
 * @example
 * try { await step(); } catch (error) { rethrowCancelled(error); log(error); }
 */
export function rethrowCancelled(error: unknown): void {
  if (isCancelled(error)) throw error;
}
