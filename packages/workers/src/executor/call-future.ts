// CallFuture: the result of submit(). It is a native promise with a cancel(), so it works wherever a promise works.
// Executors create and settle it. It does not depend on workers.

import { inspectAs } from "./inspect-as.js";

/** The state of a future: `pending` until it is settled; the final state afterwards. */
export type CallState = "pending" | "fulfilled" | "rejected" | "cancelled";

/** The executor's end of a future: the two ways to settle it. Only the first attempt has an effect. */
export interface CallSettler<T> {
  readonly future: CallFuture<T>;
  fulfil(value: T): void;
  /** `state` is `cancelled` if the call was cancelled, `rejected` if it failed. */
  fail(error: unknown, state?: "rejected" | "cancelled"): void;
}

/** Stops a call. */
export interface Cancellable {
  /** @returns whether there was something to cancel */
  cancel(reason: unknown): boolean;
}

// Each call creates one future. Closures over its parts would cost more memory than the parts.
const forgotten = (): void => {};
let resolveOfLast: (value: never) => void = forgotten;
let rejectOfLast: (error: unknown) => void = forgotten;
const keepFunctions = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveOfLast = resolve;
  rejectOfLast = reject;
};
let make: <T>(call: Cancellable) => CallFuture<T>;
/** Settles the future with `state`. @returns whether it was pending */
let leavePending: (future: CallFuture<never>, state: Exclude<CallState, "pending">) => boolean;

/** `Promise` without its statics, which would make a CallFuture of an executor function. They belong to Promise. */
const PromiseBase = Promise as new <T>(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) => Promise<T>;

/**
 * The result of a call.
 *
 * `cancel(reason)` requests the end of the call. A queued call never starts. A running call sees the cancellation in
 * `taskContext()`, and the executor ends its worker after `graceMs`. The future rejects with `CancelledError`, at once
 * or when the function has ended, as the call's `onCancel` says. It is a full `Promise`; `then` returns plain promises.
 * @see https://docs.python.org/3/library/concurrent.futures.html#future-objects
 */
export class CallFuture<T> extends PromiseBase<T> {
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
    // `await` uses a promise whose `constructor` is Promise directly, without a second promise, and one turn of
    // the microtasks sooner. `then` also returns plain promises because of it.
    Object.defineProperty(this.prototype, "constructor", { value: Promise, writable: true, configurable: true });
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "CallFuture", configurable: true });
    inspectAs<CallFuture<unknown>>(this.prototype, (future) => {
      const { name } = future.#call as { readonly name?: unknown };
      return `CallFuture [${future.#state}${typeof name === "string" ? `, call: ${name}` : ""}]`;
    });
    leavePending = (future, state) => {
      if (future.#state !== "pending") return false;
      future.#state = state;
      return true;
    };
  }

  /** The current state of the future. */
  get state(): CallState {
    return this.#state;
  }

  /**
   * Requests the end of the call.
   * @param reason becomes the `cause` of the `CancelledError`, and `taskContext().signal.reason` if it can be cloned
   * @returns `false` if the future is already settled
   */
  cancel(reason?: unknown): boolean {
    return this.#state === "pending" && this.#call.cancel(reason);
  }
}

/** A base class for records of calls. A record that is its own settler saves one object. */
export class Settler<T> implements CallSettler<T> {
  readonly future: CallFuture<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;

  /** @param call omitted if the record that extends this class is the call */
  constructor(call?: Cancellable) {
    this.future = make<T>(call ?? (this as unknown as Cancellable));
    this.#resolve = resolveOfLast as (value: T) => void;
    this.#reject = rejectOfLast;
    resolveOfLast = rejectOfLast = forgotten; // otherwise they would keep the future and its value alive
  }

  fulfil(value: T): void {
    if (leavePending(this.future as CallFuture<never>, "fulfilled")) this.#resolve(value);
  }

  fail(error: unknown, state: "rejected" | "cancelled" = "rejected"): void {
    if (leavePending(this.future as CallFuture<never>, state)) this.#reject(error);
  }
}
