// CallFuture: what submit() returns. A native promise with a cancel(), so that it is welcome wherever
// a promise is. Made and settled by an executor only; knows nothing of workers.

/** How a future stands: `pending` until it is settled, and then for ever what it became. */
export type CallState = "pending" | "fulfilled" | "rejected" | "cancelled";

/** The executor's end of a future: the two ways to settle it. Later attempts change nothing. */
export interface CallSettler<T> {
  readonly future: CallFuture<T>;
  fulfil(value: T): void;
  /** `state` is `cancelled` where the call was cancelled, and `rejected` where it failed. */
  fail(error: unknown, state?: "rejected" | "cancelled"): void;
}

type Cancel = (reason: unknown) => boolean;

// A call makes one future: closures over its parts would cost more memory than the parts.
const forgotten = (): void => {};
let resolveOfLast: (value: never) => void = forgotten;
let rejectOfLast: (error: unknown) => void = forgotten;
const keepFunctions = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveOfLast = resolve;
  rejectOfLast = reject;
};
/** Whether the future was pending; it is `state` from now on. */
let leavePending: (future: CallFuture<never>, state: Exclude<CallState, "pending">) => boolean;

/**
 * The result of a call to come.
 *
 * `cancel(reason)` asks for the end of the call: a queued call never starts; a running one is told,
 * and ended after its grace time. The future then rejects with `CancelledError` at once, or when the
 * worker is done, as the call's `onCancel` says. It is a full `Promise`; `then` gives plain promises.
 * @see https://docs.python.org/3/library/concurrent.futures.html#future-objects
 */
export class CallFuture<T> extends Promise<T> {
  #state: CallState = "pending";
  #cancel: Cancel;

  private constructor(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void, cancel: Cancel) {
    super(executor);
    this.#cancel = cancel;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** For executors: a pending future and the means to settle it. */
  static create<T>(cancel: Cancel): CallSettler<T> {
    const future = new CallFuture<T>(keepFunctions, cancel);
    const settler = new Settler(future, resolveOfLast as (value: T) => void, rejectOfLast);
    resolveOfLast = rejectOfLast = forgotten; // they would keep the future and its value
    return settler;
  }

  static {
    leavePending = (future, state) => {
      if (future.#state !== "pending") return false;
      future.#state = state;
      return true;
    };
  }

  /** How the future stands now. */
  get state(): CallState {
    return this.#state;
  }

  /**
   * Asks for the end of the call.
   * @param reason becomes the `cause` of the `CancelledError`, and `taskContext().signal.reason` where it can be cloned
   * @returns `false` where the future is settled already, as nothing is left to cancel
   */
  cancel(reason?: unknown): boolean {
    return this.#state === "pending" && this.#cancel(reason);
  }
}

class Settler<T> implements CallSettler<T> {
  readonly future: CallFuture<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;

  constructor(future: CallFuture<T>, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.future = future;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  fulfil(value: T): void {
    if (leavePending(this.future as CallFuture<never>, "fulfilled")) this.#resolve(value);
  }

  fail(error: unknown, state: "rejected" | "cancelled" = "rejected"): void {
    if (leavePending(this.future as CallFuture<never>, state)) this.#reject(error);
  }
}
