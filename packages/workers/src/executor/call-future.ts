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

/** Who can stop a call. */
export interface Cancellable {
  /** @returns whether there was something to cancel */
  cancel(reason: unknown): boolean;
}

// A call makes one future: closures over its parts would cost more memory than the parts.
const forgotten = (): void => {};
let resolveOfLast: (value: never) => void = forgotten;
let rejectOfLast: (error: unknown) => void = forgotten;
const keepFunctions = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveOfLast = resolve;
  rejectOfLast = reject;
};
let make: <T>(call: Cancellable) => CallFuture<T>;
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
  readonly #call: Cancellable;

  private constructor(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void, call: Cancellable) {
    super(executor);
    this.#call = call;
  }

  /** For executors: a pending future and the means to settle it. */
  static create<T>(call: Cancellable): CallSettler<T> {
    return new Settler<T>(call);
  }

  static {
    make = (call) => new CallFuture(keepFunctions, call);
    // A promise that calls itself one of Promise's own is awaited as it is: without a second promise, and a
    // turn of the microtasks sooner. `then` gives plain promises by it, too.
    Object.defineProperty(this.prototype, "constructor", { value: Promise, writable: true, configurable: true });
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "CallFuture", configurable: true });
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
    return this.#state === "pending" && this.#call.cancel(reason);
  }
}

/** A base for records of calls: a call that is its own settler is one object less. */
export class Settler<T> implements CallSettler<T> {
  readonly future: CallFuture<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;

  /** @param call missing where the record that extends this is the call */
  constructor(call?: Cancellable) {
    this.future = make<T>(call ?? (this as unknown as Cancellable));
    this.#resolve = resolveOfLast as (value: T) => void;
    this.#reject = rejectOfLast;
    resolveOfLast = rejectOfLast = forgotten; // they would keep the future and its value
  }

  fulfil(value: T): void {
    if (leavePending(this.future as CallFuture<never>, "fulfilled")) this.#resolve(value);
  }

  fail(error: unknown, state: "rejected" | "cancelled" = "rejected"): void {
    if (leavePending(this.future as CallFuture<never>, state)) this.#reject(error);
  }
}
