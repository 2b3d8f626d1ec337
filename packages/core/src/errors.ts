// The errors of the loop. CancelledError is that of the executors: one class, whoever cancels.
import { OffloopError } from "@offloop/workers/executor";

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
