// Future: a promise that can be settled and cancelled from outside, with asyncio's state rules. It is
// a full Promise: its native slot is settled too, so it is welcome wherever a promise is.
import { CancelledError, InvalidStateError } from "../errors.js";
import { currentWaiter } from "./waiter.js";

type State = "pending" | "fulfilled" | "rejected" | "cancelled";

/**
 * A result to come.
 *
 * `cancel()` rejects it with `CancelledError`; a task that awaits it is thrown that error at its
 * `await`. A rejection that nobody handles is an unhandled rejection, as of any promise.
 * @see https://docs.python.org/3/library/asyncio-future.html#future-object
 */
export class Future<T> extends Promise<T> {
  #state: State = "pending";
  #value: T | undefined;
  #error: unknown;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    let resolve!: (value: T) => void;
    let reject!: (error: unknown) => void;
    super((onValue, onError) => {
      resolve = onValue as (value: T) => void;
      reject = onError;
    });
    this.#resolve = resolve;
    this.#reject = reject;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  done(): boolean {
    return this.#state !== "pending";
  }

  cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** @throws InvalidStateError it is pending; CancelledError it was cancelled; else what it was rejected with */
  result(): T {
    if (this.#state === "fulfilled") return this.#value as T;
    if (this.#state === "pending") throw new InvalidStateError("The result is not ready: the future is pending");
    throw this.#error;
  }

  /** What it was rejected with; `undefined` where it was fulfilled. @throws InvalidStateError, CancelledError as `result` */
  exception(): unknown {
    if (this.#state === "rejected") return this.#error;
    if (this.#state === "fulfilled") return undefined;
    return this.result();
  }

  /** @throws InvalidStateError it is done already */
  setResult(value: T): void {
    this.#settle("fulfilled");
    this.#value = value;
    this.#resolve(value);
  }

  /** @throws InvalidStateError it is done already */
  setException(error: unknown): void {
    this.#settle("rejected");
    this.#error = error;
    this.#reject(error);
  }

  /** @returns whether it was pending, and is cancelled now */
  cancel(message?: unknown): boolean {
    if (this.#state !== "pending") return false;
    this.#state = "cancelled";
    this.#error = cancelledError(message);
    this.catch(() => {}); // whoever awaits it sees the error; a cancelled future that nobody awaits is no mishap
    this.#reject(this.#error);
    return true;
  }

  /** An `await` of a task comes through here: the task learns what it waits for. */
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and overrides a promise's own
  override then<A = T, B = never>(onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    if (this.#state === "pending" && onFulfilled != null && isNative(onFulfilled)) currentWaiter()?.waitFor(this as Future<unknown>);
    return super.then(onFulfilled, onRejected);
  }

  #settle(state: State): void {
    if (this.#state !== "pending") throw new InvalidStateError(`The future is ${this.#state} already`);
    this.#state = state;
  }
}

export function cancelledError(message: unknown): CancelledError {
  return message === undefined ? new CancelledError("cancelled") : new CancelledError(String(message), { cause: message });
}

/** `await` passes the engine's own resolving functions; `.then(callback)` of user code is no wait of the task. */
function isNative(callback: (...args: never[]) => unknown): boolean {
  return callback.name === "" && !Object.hasOwn(callback, "prototype") && nativeText.test(Function.prototype.toString.call(callback));
}
const nativeText = /\{\s*\[native code\]\s*\}$/;
