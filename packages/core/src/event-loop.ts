// The public event loop, assembled from the floors below: scheduling on Node's own loop, with asyncio's names.
import { types } from "node:util";
import { bindToThread,
  type CallArguments, type Callable, callback as aFunction, classNameOf, checkOption, checkOptions, type Executor, flag, inspectAs, integerOrInfinity, invalidArgument, invalidOption, objectWith,
  type OptionTable, type Received, type ReturnsData, type ShutdownOptions,
} from "@offloop/workers/executor";
import { LoopClosedError } from "./errors.js";
import { Future, isFuture } from "./future/future.js";
import { reportAll } from "./future/never-retrieved.js";
import { type Clock, SystemClock } from "./loop/clock.js";
import { Handle, TimerHandle } from "./loop/handle.js";
import type { Callback, Job } from "./loop/job.js";
import { nextTick } from "./loop/real-time.js";
import { checkNoneRuns, setLoopFactories } from "./loop/running-loop.js";
import { Scheduler } from "./loop/scheduler.js";
import { SignalHandlers } from "./loop/signal-handlers.js";
import { setDefaultExecutor, shutdownDefaultExecutor } from "./offload/default-executor.js";
import { runInExecutor } from "./offload/run-in-executor.js";
import { allTasks } from "./task/all-tasks.js";
import { detached } from "./task/detached.js";
import type { ResultOf } from "./task/ensure-future.js";
import { startTask, type Task, type TaskBody, type TaskOptions } from "./task/task.js";

/** The argument of the exception handler. */
export interface ExceptionContext {
  /** What went wrong, in one sentence. */
  readonly message: string;
  /** What was thrown, or what a future was rejected with. It may be any value. */
  readonly error: unknown;
  /** The handle whose callback threw. */
  readonly handle?: object | undefined;
  /** The task whose error nobody awaited. */
  readonly task?: Task<unknown> | undefined;
}

declare module "./loop/host.js" {
  interface LoopRegistry {
    /** Makes `Future.getLoop()` and other signatures of lower floors name the class below. */
    loop: ThisLoop;
  }
}
/** Within the block above, `EventLoop` is the alias of host.ts. */
type ThisLoop = EventLoop;

/** Options of `new EventLoop`. */
export interface EventLoopOptions {
  /** The source of its time. @default the monotonic clock of the process */
  clock?: Clock | undefined;
  /** @default true if the environment has OFFLOOP_DEBUG=1 */
  debug?: boolean | undefined;
  /**
   * The number of awaits of a task that may find their future, queue or lock ready before the loop turns, so
   * that timers and other tasks run. asyncio has no budget; tokio's is 128. @default Infinity; 1 and up
   */
  awaitBudget?: number | undefined;
  /** Shuffles callbacks that are ready together, by numbers from 0 up to 1, as Math.random returns. @default first in, first out */
  random?: (() => number) | undefined;
}

const awaitBudgetType = integerOrInfinity(1);
const eventLoopOptionTypes: OptionTable<EventLoopOptions> = {
  clock: objectWith(["now", "wakeAt", "setRef"], "a clock: an object with now(), wakeAt() and setRef()"),
  debug: flag,
  awaitBudget: awaitBudgetType,
  random: aFunction,
};

/** A private argument of the constructor: only this file has it. */
const AUTO = Symbol("auto");

/** Debug mode warns of callbacks that hold the loop for longer. As in asyncio. */
const SLOW_MS = 100;

/**
 * Schedules callbacks on this thread.
 *
 * The thread's default loop, which `getEventLoop()` returns, runs whenever Node does. Scheduled callbacks
 * keep the process alive, as Node's timers do. A loop that you create runs during `runForever` or
 * `runUntilComplete`. `run` creates, runs and closes a loop.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html
 */
export class EventLoop implements Disposable {
  /** Milliseconds after which a callback counts as slow, in debug mode. */
  #slowCallbackDurationMs = SLOW_MS;
  readonly #auto: boolean;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #signals = new SignalHandlers();
  #exceptionHandler: ((context: ExceptionContext) => void) | undefined;
  #closed = false;
  #debug = false;

  constructor(options?: EventLoopOptions);
  /** For the thread's default loop, which runs whenever Node does. @internal */
  constructor(options: EventLoopOptions | undefined, auto: typeof AUTO);
  constructor(options?: EventLoopOptions, auto?: typeof AUTO) {
    const { clock = new SystemClock(), debug = process.env["OFFLOOP_DEBUG"] === "1", awaitBudget = Infinity, random } = checkOptions("new EventLoop()", options, eventLoopOptionTypes);
    this.#auto = auto === AUTO;
    this.#clock = clock;
    this.#scheduler = new Scheduler({
      clock,
      auto: this.#auto,
      random,
      onError: (error, handle) => this.callExceptionHandler({ message: `${handle.describe().name} threw`, error, handle }),
      loop: this,
    });
    this.#scheduler.onSlow = (job, durationMs) => this.#warnOfSlow(job, durationMs);
    this.debug = debug;
    this.awaitBudget = awaitBudget;
    if (this.#auto) this.#watchForForgotten();
  }

  static {
    bindToThread(this.prototype, "in the worker, callSoonThreadsafe(fn), or await fromThread(fn)");
    inspectAs<EventLoop>(this.prototype, (loop) => {
      const state = loop.#closed ? "closed" : loop.isRunning() ? "running" : "stopped";
      return `${classNameOf(loop)} [${[state, ...(loop.#debug ? ["debug"] : []), `tasks: ${allTasks(loop).size}`].join(", ")}]`;
    });
  }

  // — time and callbacks —

  /** Milliseconds on the loop's clock. */
  time(): number {
    return this.#clock.now();
  }

  /** Runs `callback(...args)` soon: after everything that was scheduled before, never synchronously. @throws LoopClosedError */
  callSoon<A extends any[], This = void>(callback: Callback<A, This>, ...args: CallArguments<A>): Handle {
    checkCallback("callSoon", callback);
    const handle = new Handle(callback as Callback, args, this);
    this.schedule(handle);
    return handle;
  }

  /**
   * As `callSoon`. A loop can be reached only on its own thread, and native callbacks and signals arrive on
   * that thread. A worker reaches the loop that it works for by the function of the same name.
   */
  callSoonThreadsafe<A extends any[], This = void>(callback: Callback<A, This>, ...args: CallArguments<A>): Handle {
    return this.callSoon(callback, ...args);
  }

  /** Runs `callback(...args)` after `delayMs`, never early. Equal times run in the order of scheduling. @throws LoopClosedError */
  callLater<A extends any[], This = void>(delayMs: number, callback: Callback<A, This>, ...args: CallArguments<A>): TimerHandle {
    if (typeof delayMs !== "number" || Number.isNaN(delayMs)) throw invalidOption("callLater()", "delayMs", delayMs, "milliseconds: a number");
    checkCallback("callLater", callback);
    return this.callAt(this.time() + Math.max(0, delayMs), callback, ...args);
  }

  /** Runs `callback(...args)` at `when`, on the clock of `time()`. @throws LoopClosedError */
  callAt<A extends any[], This = void>(when: number, callback: Callback<A, This>, ...args: CallArguments<A>): TimerHandle {
    if (typeof when !== "number" || Number.isNaN(when)) throw invalidOption("callAt()", "when", when, "a time on the loop's clock, in milliseconds: a number");
    checkCallback("callAt", callback);
    if (this.#closed) throw new LoopClosedError();
    const handle = new TimerHandle(when, callback as Callback, args, this);
    this.#scheduler.scheduleAt(handle);
    return handle;
  }

  /** For futures and tasks: runs a job as `callSoon` runs a callback. @throws LoopClosedError @internal */
  schedule(job: Job): void {
    if (this.#closed) throw new LoopClosedError();
    this.#scheduler.schedule(job);
  }

  /** Work outside the loop's clock begins. Call the returned function when it has ended. A virtual clock stands still meanwhile. @internal */
  holdTime(): () => void {
    if (this.#clock.hold === undefined) return nothing;
    this.#clock.hold();
    return () => {
      this.#clock.release?.();
      this.#scheduler.recheck();
    };
  }

  /** For work of this loop that runs while other work holds its time: the opposite of `holdTime`. @internal */
  lendTime(): () => void {
    if (this.#clock.hold === undefined) return nothing;
    this.#clock.release?.();
    this.#scheduler.recheck();
    return () => this.#clock.hold?.();
  }

  // — running —

  /** Runs, and keeps the process alive, until `stop` is called. @throws Error a loop of this thread is being run; LoopClosedError */
  async runForever(): Promise<void> {
    this.#checkRunnable("runForever()");
    await this.#scheduler.run(true);
  }

  /**
   * Runs until `awaitable` is done. A function is run as a task.
   * @returns its result
   * @throws what it throws; Error the loop was stopped first
   */
  async runUntilComplete<A>(awaitable: A): Promise<ResultOf<A>> {
    this.#checkRunnable("runUntilComplete()");
    const deadlocked = (): void => this.#reportDeadlock();
    process.on("beforeExit", deadlocked);
    this.#signals.isRunning = true;
    try {
      const future = ensureFutureOn(this, awaitable);
      const stop = (): void => this.stop();
      future.whenDone(stop);
      await this.#scheduler.run(false);
      future.removeDoneCallback(stop);
      if (!future.done()) throw new Error("The event loop was stopped before the future was done. Call stop() only after that, or run the loop with runForever().");
      return future.result();
    } finally {
      process.off("beforeExit", deadlocked);
      this.#signals.isRunning = false;
    }
  }

  /** Ends `runForever` after the callbacks that are ready now. */
  stop(): void {
    if (!this.#auto || this.#scheduler.running) this.#scheduler.stop();
  }

  /** Whether the loop is being run. Always true for the thread's default loop. */
  isRunning(): boolean {
    return this.#scheduler.running || (this.#auto && !this.#closed);
  }

  /** Whether `close()` was called. A closed loop schedules nothing. */
  isClosed(): boolean {
    return this.#closed;
  }

  /** Drops everything that is scheduled, and refuses new callbacks. Has no effect on a closed loop. @throws Error it is being run */
  close(): void {
    if (this.#scheduler.running) throw new Error("The event loop is being run. Call stop() and await the run before close().");
    if (this.#closed) return;
    reportAll(this);
    this.#closed = true;
    this.#signals.clear();
    this.#scheduler.clear();
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  // — tasks, futures, executors —

  /** Starts a task. @see createTask */
  createTask<T>(body: TaskBody<T>, options?: TaskOptions): Task<Awaited<T>> {
    return startTask("createTask()", body, options, this);
  }

  /** As the function of the same name: the awaits of `fn` belong to no task. */
  detached<T>(fn: () => T): T {
    return detached(fn);
  }

  /** A pending future. */
  createFuture<T>(): Future<T> {
    return new Future<T>({ loop: this });
  }

  /** As the function of the same name. */
  runInExecutor<A extends any[], R, This = void>(executor: Executor | null, fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Future<Received<Awaited<R>>> {
    return runInExecutor(executor, fn, ...args);
  }

  /**
   * As the function of the same name: sets the executor of `toThread` and of `runInExecutor(null, …)`, for all loops of this thread.
   * @throws InvalidArgumentError
   */
  setDefaultExecutor(executor: Executor): void {
    setDefaultExecutor(executor);
  }

  /** As the function of the same name: shuts the default executors down, and resolves when their workers have ended. A later call starts new ones. */
  shutdownDefaultExecutor(options?: ShutdownOptions): Promise<void> {
    return shutdownDefaultExecutor(options);
  }

  // — signals —

  /**
   * Runs `callback(...args)` on the loop each time the process receives `signal`, in place of the signal's
   * default effect. A second handler for a signal replaces the first.
   * @throws Error not the main thread; InvalidOptionError unknown signal
   * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_signal_handler
   */
  addSignalHandler<A extends any[], This = void>(signal: NodeJS.Signals, callback: Callback<A, This>, ...args: CallArguments<A>): void {
    checkCallback("addSignalHandler", callback);
    if (this.#closed) throw new LoopClosedError();
    this.#signals.add(signal, new Handle(callback as Callback, args, this), (handle) => this.schedule(handle));
  }

  /** @returns whether there was a handler */
  removeSignalHandler(signal: NodeJS.Signals): boolean {
    return this.#signals.remove(signal);
  }

  // — errors and debugging —

  /**
   * Sets the receiver of errors that nothing awaits. `undefined` restores the default: an error of a callback
   * is an uncaught exception, as with Node's timers; other errors are written to standard error.
   */
  setExceptionHandler(handler: ((context: ExceptionContext) => void) | undefined): void {
    if (handler !== undefined && typeof handler !== "function") throw invalidArgument("setExceptionHandler()", "a function, or undefined", handler);
    this.#exceptionHandler = handler;
  }

  /** The handler from `setExceptionHandler`. `undefined`: the default one. */
  getExceptionHandler(): ((context: ExceptionContext) => void) | undefined {
    return this.#exceptionHandler;
  }

  /** Passes an error to the handler of `setExceptionHandler`, or to the default one. If the handler throws, both errors go to the default one. */
  callExceptionHandler(context: ExceptionContext): void {
    if (this.#exceptionHandler === undefined) return this.defaultExceptionHandler(context);
    try {
      this.#exceptionHandler(context);
    } catch (error) {
      this.defaultExceptionHandler({ message: "The exception handler threw", error });
      this.defaultExceptionHandler(context);
    }
  }

  /** What happens without a handler: an error of a callback becomes an uncaught exception, any other is written to standard error. */
  defaultExceptionHandler(context: ExceptionContext): void {
    const { message, error, handle } = context;
    if (handle === undefined) return console.error(message, ...(error === undefined ? [] : [error]));
    nextTick(() => {
      throw error;
    });
  }

  /** Names slow callbacks, and records where tasks wait and where handles were scheduled. Costs a few microseconds an await. */
  get debug(): boolean {
    return this.#debug;
  }

  set debug(debug: boolean) {
    checkOption("EventLoop", "debug", debug, flag);
    this.#debug = debug;
    this.#scheduler.slowMs = debug ? this.#slowCallbackDurationMs : Infinity;
  }

  /** How long a callback may run in debug mode before it is named, in milliseconds, more than 0. @throws InvalidOptionError @default 100 */
  get slowCallbackDurationMs(): number {
    return this.#slowCallbackDurationMs;
  }

  set slowCallbackDurationMs(durationMs: number) {
    checkOption("EventLoop", "slowCallbackDurationMs", durationMs, { takes: "milliseconds, more than 0", accepts: (value) => typeof value === "number" && value > 0 });
    this.#slowCallbackDurationMs = durationMs;
    this.debug = this.#debug;
  }

  /** See `EventLoopOptions.awaitBudget`. @throws InvalidOptionError */
  get awaitBudget(): number {
    return this.#scheduler.awaitBudget;
  }

  set awaitBudget(budget: number) {
    checkOption("EventLoop", "awaitBudget", budget, awaitBudgetType);
    this.#scheduler.awaitBudget = budget;
  }

  #checkRunnable(what: string): void {
    if (this.#closed) throw new LoopClosedError();
    if (this.#scheduler.running) throw new Error(`${what} was called while this loop is being run. Start a task on it instead: loop.createTask(fn).`);
    checkNoneRuns(what);
  }

  #warnOfSlow(job: Job, durationMs: number): void {
    const { name, createdAt } = job.describe();
    const where = createdAt === undefined ? "" : `, scheduled ${createdAt}`;
    process.emitWarning(`${name}${where} held the event loop for ${durationMs.toFixed(0)} ms. Give what it computes to toThread().`, { code: "OFFLOOP_SLOW_CALLBACK" });
  }

  /** In debug mode: the tasks that are pending when the process ends. */
  #watchForForgotten(): void {
    process.once("beforeExit", () => {
      if (this.#debug && allTasks(this).size > 0) this.#reportDeadlock();
    });
  }

  #reportDeadlock(): void {
    const pending = [...allTasks(this)].map((task) => task.getName());
    this.callExceptionHandler({
      message: `The process ends before the end of ${pending.length === 0 ? "runUntilComplete()" : pending.join(", ")}. No timer, I/O or callback is left that could settle what is awaited there. Settle it earlier, or cancel the wait.`,
      error: undefined,
    });
  }
}

function ensureFutureOn<A>(loop: EventLoop, awaitable: A): Future<ResultOf<A>> {
  if (isFuture(awaitable) && awaitable.getLoop() !== loop) throw new Error("runUntilComplete() was given a future of another loop. Run it on the loop that made it: future.getLoop().");
  if (isFuture(awaitable)) return awaitable as Future<ResultOf<A>>;
  return loop.createTask(awaitable as TaskBody<unknown>) as unknown as Future<ResultOf<A>>;
}

function checkCallback(what: string, callback: unknown): void {
  if (typeof callback === "function") return;
  throw invalidArgument(`${what}()`, "a function", callback, types.isPromise(callback) ? "createTask(fn) for an async function" : undefined);
}

function nothing(): void {}

setLoopFactories({
  makeDefault: () => new EventLoop(undefined, AUTO),
  makeNew: () => new EventLoop(),
});
