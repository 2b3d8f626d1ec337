// CallFuture: the result of submit(). It is a native promise with a cancel(), so it works wherever a promise works.
// Executors create and settle it. It does not depend on workers.
//
//   await in a task of a loop   then() ─▶ MainHost.follow(): the task waits for a future of the loop, which cancels the call
//   await elsewhere             the native slot, as with any promise
import { types } from "node:util";
import { CancelledError, InvalidStateError, isCancellation } from "./errors.js";
import { inspectAs } from "./inspect-as.js";
import { mainHost } from "./main-host.js";

/** The state of a future: `pending` until it is settled; the final state afterwards. */
export type CallState = "pending" | "fulfilled" | "rejected" | "cancelled";

/** The executor's end of a future: the two ways to settle it. Only the first attempt has an effect. */
export interface CallSettler<T> {
  /** The future of the caller. */
  readonly future: CallFuture<T>;
  /** Fulfils the future. Has no effect once it is settled. */
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
let leavePending: (future: CallFuture<never>, state: Exclude<CallState, "pending">, outcome: unknown) => boolean;

let followed = false;
const awaitedDirectly: PromiseClass[] = [];

type PromiseClass = { readonly prototype: Promise<unknown> };

/**
 * `await` uses a promise whose `constructor` is Promise directly, without a second promise, and one turn of the
 * microtasks sooner. It does not call `then`, which only loops need: see `letTasksFollow()`.
 */
export function awaitDirectly(Kind: PromiseClass): void {
  awaitedDirectly.push(Kind);
  Object.defineProperty(Kind.prototype, "constructor", { value: followed ? Kind : Promise, writable: true, configurable: true });
}

/** `Promise` without its statics, which would make a CallFuture of an executor function. They belong to Promise. */
const PromiseBase = Promise as new <T>(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) => Promise<T>;

/**
 * The result of a call.
 *
 * `cancel(reason)` requests the end of the call. A queued call never starts. A running call sees the cancellation in
 * `taskContext()`, and the executor ends its worker after `graceMs`. The future rejects with `CancelledError`, at once
 * or when the function has ended, as the call's `onCancel` says. It is a full `Promise`.
 *
 * A task of `@offloop/core` that awaits it, or what its `then` returns, can be cancelled there, which cancels the call.
 * @see https://docs.python.org/3/library/concurrent.futures.html#future-objects
 */
export class CallFuture<T> extends PromiseBase<T> {
  #state: CallState = "pending";
  #outcome: unknown;
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
    awaitDirectly(this);
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: "CallFuture", configurable: true });
    inspectAs<CallFuture<unknown>>(this.prototype, (future) => {
      return `CallFuture [${future.#state}${future.callName === undefined ? "" : `, call: ${future.callName}`}]`;
    });
    leavePending = (future, state, outcome) => {
      if (future.#state !== "pending") return false;
      future.#state = state;
      future.#outcome = outcome;
      return true;
    };
  }

  /** `then` returns plain promises. @internal */
  static get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The name of its call, if it has one. @internal */
  get callName(): string | undefined {
    const { name } = this.#call as { readonly name?: unknown };
    return typeof name === "string" ? name : undefined;
  }

  /** The current state of the future. */
  get state(): CallState {
    return this.#state;
  }

  /** Whether it is settled: fulfilled, rejected or cancelled. */
  done(): boolean {
    return this.#state !== "pending";
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** Whether the call failed. `exception()` returns the error. */
  rejected(): boolean {
    return this.#state === "rejected";
  }

  /** @throws InvalidStateError the call is pending; otherwise the error of a call that failed, or was cancelled */
  result(): T {
    if (this.#state === "fulfilled") return this.#outcome as T;
    if (this.#state === "pending") throw new InvalidStateError("The result is not ready: the call is pending. Await its future, or ask done() first.");
    throw this.#outcome;
  }

  /** The error of a call that failed; `undefined`: it was fulfilled. @throws InvalidStateError, CancelledError as `result` */
  exception(): unknown {
    return this.#state === "rejected" ? this.#outcome : void this.result();
  }

  /**
   * Requests the end of the call.
   * @param reason becomes the `cause` of the `CancelledError`, and `taskContext().signal.reason` if it can be cloned
   * @returns `false` if the future is already settled
   */
  cancel(reason?: unknown): boolean {
    return this.#state === "pending" && this.#call.cancel(reason);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and overrides a promise's own
  override then<A = T, B = never>(onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    const followed = mainHost().follow(this as CallFuture<T>);
    return followed === undefined ? super.then(onFulfilled, onRejected) : followed.then(onFulfilled, onRejected);
  }
}

/** The outcome of a call for the executor's own code, which belongs to no task. */
export function settled<T>(future: CallFuture<T>): Promise<T> {
  return then.call(future) as Promise<T>;
}

const { then } = Promise.prototype;

/** For loops, when there is a task: `await` calls `then` of every call's promise from now on, so that tasks follow it. It takes one more promise and two turns of the microtasks. */
export function letTasksFollow(): void {
  if (followed) return;
  followed = true;
  for (const Kind of awaitedDirectly) Object.defineProperty(Kind.prototype, "constructor", { value: Kind });
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
    if (leavePending(this.future as CallFuture<never>, "fulfilled", value)) this.#resolve(value);
  }

  fail(error: unknown, state: "rejected" | "cancelled" = "rejected"): void {
    if (leavePending(this.future as CallFuture<never>, state, error)) this.#reject(error);
  }
}

/** `value instanceof CallFuture`, also for a proxy whose traps throw. */
export function isCallFuture(value: unknown): value is CallFuture<unknown> {
  try {
    return value instanceof CallFuture;
  } catch {
    return false;
  }
}

/** The call behind a promise that is no CallFuture, such as that of an actor's method. */
export const callBehind = Symbol.for("offloop.callBehind");

/** The call that a task follows in place of `value`, and reports the error of; `undefined`: `value` belongs to no executor. */
export function callOf(value: unknown): CallFuture<unknown> | undefined {
  if (isCallFuture(value)) return value;
  const behind = types.isPromise(value) ? (value as { [callBehind]?: CallFuture<unknown> })[callBehind] : undefined;
  if (behind !== undefined) then.call(value, undefined, forgotten);
  return behind;
}

/** The future of work that only `cancel` can end, for tasks that await it. @param name of the work, for the error */
export function cancellable<T>(name: string, work: Promise<T>, cancel: (reason: unknown) => unknown): CallFuture<T> {
  const settler = CallFuture.create<T>({
    cancel(reason) {
      settler.fail(isCancellation(reason) ? reason : new CancelledError(`${name} was cancelled`, { cause: reason }), "cancelled");
      new Promise((resolve) => resolve(cancel(reason))).catch(() => {}); // the cancellation is what the awaiting code is told
      return true;
    },
  });
  work.then(
    (value) => settler.fulfil(value),
    (error: unknown) => settler.fail(error, isCancellation(error) ? "cancelled" : "rejected"),
  );
  return settler.future;
}

/** Lets a task that waits for a step of an iterator be cancelled there. Outside tasks: `step` itself. @param end ends the iteration */
export function stepOf<T>(name: string, step: Promise<T>, end: () => unknown): Promise<T> {
  return mainHost().inTask() ? cancellable(name, step, end) : step;
}
