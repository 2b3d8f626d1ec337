// The errors of @offloop/http. Express, Fastify and Koa read `statusCode` and `headers` of an error that a handler
// throws, so no handler has to turn these errors into answers.
import { OffloopError } from "@offloop/workers/executor";
import type { Refusal } from "./load-gauge.js";

/** The client closed the connection before the answer was complete. The reason of `abortSignalOf(request)`, and so the `cause` of the calls' `CancelledError`. */
export class ClientGoneError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_CLIENT_GONE";
  declare readonly code: "ERR_OFFLOOP_CLIENT_GONE";
  /** As nginx logs it. Nobody receives it. */
  readonly statusCode = 499;

  constructor(requestName: string) {
    super(`The client of ${requestName} closed the connection before the answer was complete. Nobody waits for the result.`);
  }

  static {
    this.prototype.name = "ClientGoneError";
  }
}

/** The request took longer than its `deadlineMs`, counted from its arrival. Its call was cancelled. */
export class RequestTimeoutError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_REQUEST_TIMEOUT";
  declare readonly code: "ERR_OFFLOOP_REQUEST_TIMEOUT";
  /** The status with which Express, Fastify and Koa answer. */
  readonly statusCode = 503;
  /** The limit, in milliseconds from the arrival of the request. */
  readonly deadlineMs: number;
  /** The call that was cancelled: `GET /users/:id: render`. */
  readonly callName: string;

  constructor(callName: string, deadlineMs: number) {
    super(`${callName} was not done ${deadlineMs} ms after its request arrived (deadlineMs). Raise the limit, add workers, or make the work shorter.`);
    this.deadlineMs = deadlineMs;
    this.callName = callName;
  }

  static {
    this.prototype.name = "RequestTimeoutError";
  }
}

/** The server refuses the request, because it could not answer it in time. */
export class OverloadedError extends OffloopError {
  static override readonly code = "ERR_OFFLOOP_OVERLOADED";
  declare readonly code: "ERR_OFFLOOP_OVERLOADED";
  /** The status with which Express, Fastify and Koa answer. */
  readonly statusCode = 503;
  /** `retry-after`: when a client may try again, in whole seconds. */
  readonly headers: Readonly<Record<string, string>>;
  /** The reason, and what was measured. It names source lines, so it is for logs, and not for clients. */
  declare readonly refusal: Refusal;

  constructor(requestName: string, refusal: Refusal) {
    const seconds = refusal.retryAfterMs / 1_000;
    super(`The server is overloaded and refused ${requestName}. Try again in ${seconds} s.`);
    this.headers = Object.freeze({ "retry-after": String(seconds) });
    Object.defineProperty(this, "refusal", { value: refusal, enumerable: false });
  }

  static {
    this.prototype.name = "OverloadedError";
  }
}
