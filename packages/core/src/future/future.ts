// Future: a promise that can be settled and cancelled from outside, with asyncio's state rules. It is a
// full Promise whose native slot is settled too, so it works wherever a promise works.
//
//   pending ─▶ fulfilled | rejected | cancelled        once, and for ever
//
//   await in a task    then() ─▶ AwaitJob: the task records that it waits. When the future is done, the
//                      loop steps the task, in the order in which jobs were scheduled
//   await elsewhere    the native slot, as with any promise
import { checkOptions, inspectAs, invalidArgument, isError, objectWith, type OptionTable, readStack, textOf } from "@offloop/workers/executor";
import { CancelledError, InvalidArgumentError, InvalidStateError, isCancelledError } from "../errors.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import type { EventLoop } from "../loop/host.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { currentStrand, type Strand, type StrandTask } from "../loop/strand.js";
import { AwaitJob, failAwait } from "./await-job.js";
import { type CancelPass, cancelThrough } from "./cancel-through.js";
import { cancelledError } from "./cancelled-error.js";
import { DoneCallbackJob } from "./done-callback-job.js";
import type { FutureJob } from "./future-job.js";
import { followNatively, isNative } from "./native.js";
import { type Mishap, reportIfNeverRetrieved, retrieved } from "./never-retrieved.js";

/** The state of a future: `pending` until it is settled; the final state afterwards. */
export type FutureState = "pending" | "fulfilled" | "rejected" | "cancelled";

/** Receives the future when it is done. Its return value is ignored. */
export type DoneCallback<T> = (future: Future<T>) => unknown;

/** Options of `new Future`. */
export interface FutureOptions {
  /** @default the running loop */
  readonly loop?: EventLoop | undefined;
}

const futureOptionTypes: OptionTable<FutureOptions> = { loop: objectWith(["callSoon", "schedule", "time"], "an EventLoop") };

// The engine calls the executor function before the constructor continues, so two variables carry its arguments.
const nothing = (): void => {};
let resolveSlot: (value: never) => void = nothing;
let rejectSlot: (error: unknown) => void = nothing;
const takeSlot = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveSlot = resolve;
  rejectSlot = reject;
};

/** Whether `value` is a future that uses the `then` of its class. A proxy of a future, and a subclass with its own `then`, are foreign promises: see adopt.ts. */
export let isFuture: (value: unknown) => value is Future<unknown>;

/** `Promise` without its statics, which would make a Future of an executor function. They belong to Promise. */
const PromiseBase = Promise as new <T>(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) => Promise<T>;

/**
 * A result that is available later.
 *
 * `cancel()` rejects it with `CancelledError`, which is thrown at the `await` of a task that waits for it.
 * `then`, `catch` and `finally` return futures whose `cancel()` reaches this one. An error that is never
 * retrieved goes to the loop's exception handler when the future is collected, or when the loop closes. It
 * is not an unhandled rejection.
 * @see https://docs.python.org/3/library/asyncio-future.html#future-object
 */
export class Future<T> extends PromiseBase<T> {
  readonly #loop: EventLoop;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: unknown) => void;
  #state: FutureState = "pending";
  #value: T | undefined;
  #error: unknown;
  /** The error of a cancelled future. It is thrown once, and later reads create a new error. */
  #savedError: CancelledError | undefined;
  #message: unknown;
  #jobs: FutureJob | FutureJob[] | undefined;
  #observed = false;
  #mishap: Mishap | undefined;
  /** In debug mode: the stack of its creation. @internal */
  readonly madeAt: string | undefined;

  static {
    isFuture = (value): value is Future<unknown> => typeof value === "object" && value !== null && #loop in value && value.then === Future.prototype.then;
    inspectAs<Future<unknown>>(this.prototype, (future, show) => `${future.describeSelf()} [${future.describeState(show).join(", ")}]`);
  }

  constructor(options?: FutureOptions) {
    if (typeof options === "function") {
      throw new InvalidArgumentError("new Future() takes no executor function: make it with new Future(), and settle it with setResult() or setException().");
    }
    super(takeSlot);
    if (options !== undefined && new.target === Future) options = checkOptions("new Future()", options, futureOptionTypes);
    this.#resolve = resolveSlot;
    this.#reject = rejectSlot;
    resolveSlot = rejectSlot = nothing; // otherwise they would keep the last future and its context alive
    this.#loop = options?.loop ?? getRunningLoop();
    if (this.#loop.debug) this.madeAt = readStack(new Error());
  }

  /** @internal */
  static get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The loop that it belongs to. */
  getLoop(): EventLoop {
    return this.#loop;
  }

  /** The current state. `done()`, `cancelled()` and `rejected()` test it under asyncio's names. */
  get state(): FutureState {
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

  /** Whether it failed. `exception()` returns the error, which may be `undefined`. */
  rejected(): boolean {
    return this.#state === "rejected";
  }

  /** @throws InvalidStateError it is pending; CancelledError it was cancelled; otherwise the error of a rejected future */
  result(): T {
    if (this.#state === "fulfilled") return this.#value as T;
    if (this.#state === "pending") throw new InvalidStateError("The result is not ready: the future is pending. Await it, or ask done() first.");
    throw this.#retrieveError();
  }

  /** The error of a rejected future; `undefined` if it was fulfilled. @throws InvalidStateError, CancelledError as `result` */
  exception(): unknown {
    if (this.#state === "rejected") return this.#retrieveError();
    if (this.#state === "fulfilled") return undefined;
    return this.result();
  }

  /** @throws InvalidStateError it is done already */
  setResult(value: T): void {
    this.fulfil(value);
  }

  /** @throws InvalidStateError it is done already */
  setException(error: unknown): void {
    this.fail(error);
  }

  /** @returns whether it was pending and is now cancelled */
  cancel(message?: unknown): boolean {
    if (this.#state !== "pending") return false;
    this.end(message, cancelledError(message));
    return true;
  }

  /**
   * Makes the loop call `callback(future)` when the future is done, in the context of this call.
   * @see https://docs.python.org/3/library/asyncio-future.html#asyncio.Future.add_done_callback
   */
  addDoneCallback(callback: DoneCallback<T>): void {
    if (typeof callback !== "function") throw invalidArgument("addDoneCallback()", "a function", callback);
    this.addJob(new DoneCallbackJob(this, callback, true));
  }

  /** @returns the number of times that the callback had been added */
  removeDoneCallback(callback: DoneCallback<T>): number {
    const jobs = this.#jobs === undefined ? [] : Array.isArray(this.#jobs) ? this.#jobs : [this.#jobs];
    const left = jobs.filter((job) => job.callback !== callback);
    this.#jobs = left.length === 0 ? undefined : left;
    return jobs.length - left.length;
  }

  /** `await` calls `then` one microtask later, in its own context. The task then records that it waits for this future. */
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and overrides a promise's own
  override then<A = T, B = never>(onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Future<A | B> {
    if (isNative(onFulfilled) && isNative(onRejected)) {
      const strand = currentStrand();
      if (strand === undefined || (strand.task.done() && !this.#isLeftWith(strand.task))) this.#followSlot(onFulfilled, onRejected);
      else this.awaitIn(strand, onFulfilled as (value: T) => void, onRejected as (error: unknown) => void);
      return this as unknown as Future<A | B>; // await ignores the result of then
    }
    const derived = new Derived<A | B>(this);
    derived.follow(this.#followSlot(guarded(derived, onFulfilled), guarded(derived, onRejected)));
    return derived;
  }

  override catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Future<T | B> {
    return this.then(undefined, onRejected);
  }

  override finally(onFinally?: (() => void) | null): Future<T> {
    if (typeof onFinally !== "function") return this.then();
    return this.then(
      async (value) => {
        await onFinally();
        return value;
      },
      async (error: unknown) => {
        await onFinally();
        throw error;
      },
    );
  }

  /** For tasks: `strand` waits for this future. A future that is done gives its result at once, without a turn of the loop. @internal */
  awaitIn(strand: Strand, onValue: (value: T) => void, onError: (error: unknown) => void): void {
    if (this.#state !== "pending") {
      if (!isBudgetSpent()) return this.deliver(onValue, onError);
      const job = new AwaitJob(this, strand, onValue, onError);
      strand.task.beginWait(job);
      return strand.task.loop.schedule(job);
    }
    if ((strand.task as unknown) === this) return failAwait(this.#loop, onError, new Error(`Task ${strand.task.getName()} cannot await itself, because it would never end. Remove the await.`));
    if (strand.task.loop !== this.#loop) return failAwait(strand.task.loop, onError, new Error(`Task ${strand.task.getName()} awaits a future of another loop. Await a future that was made on the task's own loop.`));
    const job = new AwaitJob(this, strand, onValue, onError);
    this.addJob(job);
    strand.task.beginWait(job);
  }

  /** For a waiting task: returns the result. The error counts as retrieved. @internal */
  deliver(onValue: (value: T) => void, onError: (error: unknown) => void): void {
    if (this.#state === "fulfilled") onValue(this.#value as T);
    else onError(this.#retrieveError());
  }

  /** For a waiting task. @see CancelSource @internal */
  givesCancelled(): boolean {
    if (this.#state !== "cancelled" && this.#state !== "rejected") return false;
    this.#look();
    return this.#state === "cancelled" || isCancelledError(this.#error);
  }

  /** Whether a callback or a task waits for it. @internal */
  get isAwaited(): boolean {
    return this.#jobs !== undefined;
  }

  /** The futures for which it waits itself, for call graphs. @internal */
  get awaits(): Iterable<Future<unknown>> {
    return [];
  }

  /** How it is named where a task waits for it. @internal */
  get what(): string {
    return "a future";
  }

  /** Schedules `job` when the future is done; at once if it is. @internal */
  addJob(job: FutureJob): void {
    if (this.#state !== "pending") this.#loop.schedule(job);
    else if (this.#jobs === undefined) this.#jobs = job;
    else if (Array.isArray(this.#jobs)) this.#jobs.push(job);
    else this.#jobs = [this.#jobs, job];
  }

  /** Calls `callback` as a done callback, in the context of the loop. Cheaper than `addDoneCallback`. @internal */
  whenDone(callback: DoneCallback<T>): void {
    this.addJob(new DoneCallbackJob(this, callback, false));
  }

  /** The message of its `CancelledError`, for futures that pass the cancellation on. @internal */
  protected set cancelMessage(message: unknown) {
    this.#message = message;
  }

  /** The error that represents its cancellation if nothing is thrown, with the same message. @internal */
  cancelledErrorCopy(): CancelledError {
    return cancelledError(this.#message);
  }

  /** The error of a cancelled future: the saved one, once. @internal */
  takeCancelledError(): CancelledError {
    const error = this.#savedError ?? cancelledError(this.#message);
    this.#savedError = undefined;
    return error;
  }

  /** @internal */
  protected fulfil(value: T): void {
    if ((value as unknown) === this) return this.fail(cycle());
    this.#leavePending("fulfilled");
    this.#value = value;
    this.#resolve(value as never);
    this.#scheduleJobs();
  }

  /** @internal */
  protected fail(error: unknown): void {
    this.#leavePending("rejected");
    this.#error = error;
    const jobs = this.#jobs;
    const seen = this.#observed || (jobs !== undefined && (Array.isArray(jobs) ? jobs.some((job) => job.retrieves) : jobs.retrieves));
    if (!seen) this.#mishap = reportIfNeverRetrieved(this, this.#loop, this.describeSelf(), error);
    this.#rejectQuietly(error);
    this.#scheduleJobs();
  }

  /** Completes a cancellation. @param saved the error that the first read throws @internal */
  protected end(message: unknown, saved: CancelledError): void {
    this.#leavePending("cancelled");
    this.#message = message;
    this.#savedError = saved;
    this.#rejectQuietly(saved);
    this.#scheduleJobs();
  }

  /** The name of the future in reports. @internal */
  protected describeSelf(): string {
    return "Future";
  }

  /** The words of `util.inspect` about the state. Reading an error this way does not retrieve it. @internal */
  protected describeState(show: (value: unknown) => string): string[] {
    if (this.#state === "fulfilled" && this.#value !== undefined) return [`fulfilled: ${show(this.#value)}`];
    if (this.#state === "rejected") return [`rejected: ${isError(this.#error) ? textOf(this.#error) : show(this.#error)}`];
    return [this.#state];
  }

  #leavePending(state: FutureState): void {
    if (this.#state !== "pending") throw new InvalidStateError(`The future is ${this.#state} already, and a future settles once. Ask done() first.`);
    this.#state = state;
  }

  /** Rejects without an unhandled rejection of the engine, unless the native slot has a follower. The loop's report replaces it. */
  #rejectQuietly(error: unknown): void {
    followNatively(this, undefined, nothing);
    this.#reject(error);
  }

  /** Whether code that a task left behind waits here in sight of its loop, which cancels the wait at the end of run(). */
  #isLeftWith({ loop }: StrandTask): boolean {
    return loop === this.#loop && loop.isRunning() && !loop.isClosed();
  }

  #followSlot<A, B>(onValue: ((value: T) => A | PromiseLike<A>) | null | undefined, onError: ((error: unknown) => B | PromiseLike<B>) | null | undefined): Promise<A | B> {
    this.#observed = true;
    this.#look();
    return followNatively(this, onValue, onError);
  }

  #scheduleJobs(): void {
    const jobs = this.#jobs;
    if (jobs === undefined) return;
    this.#jobs = undefined;
    if (!Array.isArray(jobs)) this.#loop.schedule(jobs);
    else for (const job of jobs) this.#loop.schedule(job);
  }

  #retrieveError(): unknown {
    this.#look();
    return this.#state === "cancelled" ? this.takeCancelledError() : this.#error;
  }

  #look(): void {
    if (this.#mishap === undefined) return;
    retrieved(this.#mishap);
    this.#mishap = undefined;
  }
}

/** Wraps a callback of `then`. If the callback returns the future that `then` returned, that future rejects, as with any promise. */
function guarded<V, R>(derived: Future<unknown>, callback: ((value: V) => R) | null | undefined): ((value: V) => R) | null | undefined {
  if (typeof callback !== "function") return callback;
  return (value) => {
    const result = callback(value);
    if ((result as unknown) === derived) throw cycle();
    return result;
  };
}

function cycle(): TypeError {
  return new TypeError("A future cannot be its own result, because it would wait for itself. Settle it with a value or another future.");
}

// The types do not have these statics. In JavaScript, the errors say what to write instead.
for (const name of ["all", "allSettled", "any", "race", "reject", "resolve", "withResolvers", "try"]) {
  Object.defineProperty(Future, name, {
    configurable: true,
    value: () => {
      throw new InvalidArgumentError(`There is no Future.${name}. Use Promise.${name}, which takes futures too, or new Future().`);
    },
  });
}

/** The result of `then`. It follows a promise, and passes a cancellation on to the future whose `then` was called. */
class Derived<T> extends Future<T> {
  readonly #source: Future<unknown>;

  constructor(source: Future<unknown>) {
    super({ loop: source.getLoop() });
    this.#source = source;
  }

  follow(outcome: Promise<T>): void {
    followNatively(
      outcome,
      (value) => void (this.done() || this.fulfil(value)),
      (error) => {
        if (this.done()) return;
        if (isCancelledError(error)) this.end(error.cause, error);
        else this.fail(error);
      },
    );
  }

  readonly passesCancel = true;

  override get awaits(): Iterable<Future<unknown>> {
    return [this.#source];
  }

  override cancel(message?: unknown): boolean {
    return cancelThrough(this.beginCancel(message), message);
  }

  beginCancel(message: unknown): CancelPass | undefined {
    if (this.done()) return undefined;
    const end = (told: boolean): boolean => {
      if (!told) this.end(message, cancelledError(message));
      return true;
    };
    return { parts: [this.#source].values(), end };
  }
}
