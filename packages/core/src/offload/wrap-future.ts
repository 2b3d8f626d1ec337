// wrapFuture(): the one bridge from an executor's future to the loop's.
//
//   CallFuture settles ─▶ loop.callSoon ─▶ Future ─▶ the awaiting task
//   Future.cancel()    ─▶ CallFuture.cancel()
import type { CallFuture, Executor } from "@offloop/workers/executor";
import { CancelledError } from "../errors.js";
import { Future } from "../future/future.js";
import { getEventLoop } from "../loop/running-loop.js";

/**
 * A future of the loop that follows a call of an executor.
 * @param source the call; or, where its executor is still being loaded, what will be one
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future
 */
export function wrapFuture<T>(source: CallFuture<T> | ComingCall<T>): Future<T> {
  const wrapped = new WrappedFuture<T>();
  if ("executor" in source) wrapped.followWhenReady(source);
  else wrapped.follow(source);
  return wrapped;
}

/** A call that waits for its executor. */
export interface ComingCall<T> {
  readonly executor: Promise<Executor>;
  submit(executor: Executor): CallFuture<T>;
}

class WrappedFuture<T> extends Future<T> {
  #call: CallFuture<T> | undefined;

  followWhenReady({ executor, submit }: ComingCall<T>): void {
    // The call is made from a callback: its own stack will not lead to the caller.
    const origin: { stack?: string } = {};
    Error.captureStackTrace(origin, wrapFuture);
    executor.then(
      (ready) => {
        if (!this.done()) this.follow(submit(ready), origin);
      },
      (error: unknown) => this.end(() => this.setException(error)),
    );
  }

  follow(call: CallFuture<T>, origin?: { stack?: string }): void {
    this.#call = call;
    call.then(
      (value) => this.end(() => this.setResult(value)),
      (error: unknown) => this.end(() => {
        if (origin?.stack !== undefined && error instanceof Error) error.stack += origin.stack.slice(origin.stack.indexOf("\n"));
        if (call.state === "cancelled") this.#endCancelled(error);
        else this.setException(error);
      }),
    );
  }

  end(settle: () => void): void {
    getEventLoop().callSoon(() => {
      if (!this.done()) settle();
    });
  }

  /** Asks the call to end; settles when the call does, as its `onCancel` says. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    return this.#call?.cancel(message) === true || super.cancel(message);
  }

  #endCancelled(error: unknown): void {
    super.cancel(error instanceof CancelledError ? error.cause : undefined);
  }
}
