// wrapFuture(): the one bridge from an executor's future to the loop's.
//
//   CallFuture settles ─▶ Future ─▶ the loop steps the awaiting task
//   Future.cancel()    ─▶ CallFuture.cancel()
import type { CallFuture, Executor } from "@offloop/workers/executor";
import { CancelledError } from "../errors.js";
import { Future } from "../future/future.js";

/**
 * A future of the loop that follows a call of an executor.
 * @param source the call; or, where its executor is still being loaded, what will be one
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future
 */
export function wrapFuture<T>(source: CallFuture<T> | ComingCall<T>): Future<T> {
  if (source instanceof Future) return source as Future<T>;
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
  /** The loop's clock, if it is a virtual one, waits for the call. */
  #release: () => void = this.getLoop().holdTime();

  followWhenReady({ executor, submit }: ComingCall<T>): void {
    // The call is made from a callback: its own stack will not lead to the caller.
    const origin: { stack?: string } = {};
    Error.captureStackTrace(origin, wrapFuture);
    executor.then(
      (ready) => {
        if (!this.done()) this.follow(submit(ready), origin);
        else this.#released();
      },
      (error: unknown) => this.#settle(() => this.setException(error)),
    );
  }

  follow(call: CallFuture<T>, origin?: { stack?: string }): void {
    this.#call = call;
    call.then(
      (value) => this.#settle(() => this.setResult(value)),
      (error: unknown) => {
        if (origin?.stack !== undefined && error instanceof Error) error.stack += origin.stack.slice(origin.stack.indexOf("\n"));
        this.#settle(() => (call.state === "cancelled" ? this.#endCancelled(error) : this.setException(error)));
      },
    );
  }

  /** Asks the call to end; settles when the call does, as its `onCancel` says. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    const asked = this.#call?.cancel(message) === true;
    // Where the call's future waits for the function to end, so does this one.
    if (asked && this.#call?.state === "pending") return true;
    return super.cancel(message);
  }

  /** Not when it was cancelled meanwhile, or when its loop has been closed: then nobody is left to tell. */
  #settle(settle: () => void): void {
    this.#released();
    if (!this.done() && !this.getLoop().isClosed()) settle();
  }

  #released(): void {
    this.#release();
    this.#release = () => {};
  }

  #endCancelled(error: unknown): void {
    super.cancel(error instanceof CancelledError ? error.cause : undefined);
  }
}
