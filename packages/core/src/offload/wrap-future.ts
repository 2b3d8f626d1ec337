// wrapFuture(): the only bridge from an executor's future to the loop's.
//
//   CallFuture settles ─▶ Future ─▶ the loop steps the awaiting task
//   Future.cancel()    ─▶ CallFuture.cancel()
import { type CallFuture, type Executor, invalidArgument, isThenable } from "@offloop/workers/executor";
import { CancelledError } from "../errors.js";
import { Future, isFuture } from "../future/future.js";
import { orReject } from "../future/or-reject.js";

/**
 * A future of the loop that follows a call of an executor.
 * @param source the call; if its executor is still being loaded, the coming call
 * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.wrap_future
 */
export function wrapFuture<T>(source: CallFuture<T> | ComingCall<T>): Future<T> {
  if (isFuture(source)) return source as Future<T>;
  if (!isThenable(source) && (typeof source !== "object" || source === null || !("executor" in source))) {
    return orReject<Future<T>>(() => {
      throw invalidArgument("wrapFuture()", "what submit() of an executor returned", source, "wrapFuture(pool.submit(fn, ...args))");
    });
  }
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
  /** A virtual clock of the loop waits for the call. */
  #release: () => void = this.getLoop().holdTime();

  followWhenReady({ executor, submit }: ComingCall<T>): void {
    // The call is made from a callback, so its own stack does not lead to the caller.
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
        if (origin !== undefined && error instanceof Error) joinStacks(error, origin);
        this.#settle(() => (call.state === "cancelled" ? this.#endCancelled(error) : this.setException(error)));
      },
    );
  }

  /** Requests the end of the call. Settles when the call does, as its `onCancel` says. */
  override cancel(message?: unknown): boolean {
    if (this.done()) return false;
    const asked = this.#call?.cancel(message) === true;
    // If the call's future waits for the function to end, this future does too.
    if (asked && this.#call?.state === "pending") return true;
    return super.cancel(message);
  }

  /** Does not settle a future that was cancelled meanwhile, or whose loop has been closed. */
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

/** Puts the frames of `origin` below those of an error. Both stay apart where `Error.prepareStackTrace` throws or gives no text. */
function joinStacks(error: Error, origin: { stack?: unknown }): void {
  try {
    const { stack } = origin;
    if (typeof stack === "string" && typeof error.stack === "string") error.stack += stack.slice(stack.indexOf("\n"));
  } catch {
    // The program's own prepareStackTrace threw.
  }
}
