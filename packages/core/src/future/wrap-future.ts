// wrapFuture(): the only bridge from an executor's future to the loop's.
//
//   CallFuture settles ─▶ Future ─▶ the loop steps the awaiting task
//   Future.cancel()    ─▶ CallFuture.cancel()
import { CallFuture, callOf, type Executor, type Followed, invalidArgument, isError, isThenable } from "@offloop/workers/executor";
import { isCancelledError } from "../errors.js";
import type { EventLoop } from "../loop/host.js";
import { Future, isFuture } from "./future.js";
import { followNatively } from "./native.js";
import { orReject } from "./or-reject.js";

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
  if (!("executor" in source)) return followCall(source);
  const wrapped = new WrappedFuture<T>();
  wrapped.followWhenReady(source);
  return wrapped;
}

/** A future of `loop` that follows a call. @param loop by default the running loop */
export function followCall<T>(call: Followed<T>, loop?: EventLoop): Future<T> {
  const wrapped = new WrappedFuture<T>({ loop });
  wrapped.follow(call);
  return wrapped;
}

/** The future of the loop for an executor's call; any other value as it is. */
export function asFuture(value: unknown, loop?: EventLoop): unknown {
  const call = callOf(value);
  return call === undefined ? value : followCall(call, loop);
}

/** A call that waits for its executor. */
export interface ComingCall<T> {
  /** Resolves with the executor when it is known. */
  readonly executor: Promise<Executor>;
  /** Submits the call. Called once, and not at all if the call was cancelled before `executor` resolved. */
  submit(executor: Executor): CallFuture<T>;
}

class WrappedFuture<T> extends Future<T> {
  #call: Followed<T> | undefined;
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

  follow(call: Followed<T>, origin?: { stack?: string }): void {
    this.#call = call;
    const onValue = (value: T): void => this.#settle(() => this.setResult(value));
    const onError = (error: unknown): void => {
      if (origin !== undefined) joinStacks(error, origin);
      this.#settle(() => (call.state === "cancelled" ? this.#endCancelled(error) : this.setException(error)));
    };
    if (call instanceof CallFuture) void followNatively(call as Promise<T>, onValue, onError);
    else void call.then(onValue, onError);
  }

  override get what(): string {
    const name = (this.#call as { readonly callName?: string } | undefined)?.callName;
    return name === undefined ? "a call of an executor" : `the call ${name}() of an executor`;
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
    super.cancel(isCancelledError(error) ? error.cause : undefined);
  }
}

/** Puts the frames of `origin` below those of an error. Both stay apart where `Error.prepareStackTrace`, or a trap of the error, throws or gives no text. */
function joinStacks(error: unknown, origin: { stack?: unknown }): void {
  try {
    const { stack } = origin;
    if (isError(error) && typeof stack === "string" && typeof error.stack === "string") error.stack += stack.slice(stack.indexOf("\n"));
  } catch {
    // The program's own code threw.
  }
}
