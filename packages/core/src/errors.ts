// The errors of the loop. CancelledError is that of the executors: one class, whoever cancels.
import { CancelledError, OffloopError } from "@offloop/workers/executor";

export { CancelledError, InvalidOptionError, OffloopError } from "@offloop/workers/executor";

/** A future is not in the state that the operation needs: settled twice, or read before it is done. */
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

/** The loop is closed: you closed it, or `run` has returned. */
export class LoopClosedError extends OffloopError {
  constructor() {
    super("ERR_OFFLOOP_LOOP_CLOSED", "The event loop is closed and schedules nothing more. Await what it runs before run() returns or close() is called.");
  }

  static {
    this.prototype.name = "LoopClosedError";
  }
}

/**
 * Whether an error says that its task was cancelled. JavaScript's `catch` takes cancellations too:
 * a `catch` that goes on where it should stop asks this first.
 */
export function isCancelled(error: unknown): boolean {
  if (error instanceof CancelledError) return true;
  return error instanceof Error && error.name === "AbortError" && error.cause instanceof CancelledError;
}

/**
 * Throws the error on if it is a cancellation: the first line of a `catch` that means to deal with errors.
 * @example
 * try { await step(); } catch (error) { rethrowCancelled(error); log(error); }
 */
export function rethrowCancelled(error: unknown): void {
  if (isCancelled(error)) throw error;
}
