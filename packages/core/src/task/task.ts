// Task: an async function that runs on the loop and can be cancelled where it waits.
//
//   cancel() ─▶ if the task waits for futures of a loop: they are cancelled ─▶ CancelledError at its `await`
//            ─▶ if it waits for another promise: task.signal fires, and its next await of a loop's future throws
//
// A cancellation that cannot be delivered is kept ("must cancel"). The task tries again when it begins to wait,
// and when it is stepped. These are the states of asyncio's Task.
import { AsyncResource } from "node:async_hooks";
import { abortSignal, checkOptions, flag, functionName, instanceOf, invalidArgument, letTasksFollow, objectWith, onAbort, type OptionTable, text } from "@offloop/workers/executor";
import { CancelledError, InvalidArgumentError, InvalidOptionError, isCancelledError, LoopClosedError } from "../errors.js";
import { adopt, isNativePromise, isPromiseLike } from "../future/adopt.js";
import { failAwait } from "../future/await-job.js";
import { type CancelPass, cancelThrough } from "../future/cancel-through.js";
import { cancelledError } from "../future/cancelled-error.js";
import { Future, isFuture } from "../future/future.js";
import { followNatively } from "../future/native.js";
import { asFuture } from "../future/wrap-future.js";
import type { EventLoop } from "../loop/host.js";
import { framesOfUsers } from "../loop/own-frames.js";
import { type CancelSource, currentStrand, isPressed, isWithin, runInStrand, type Strand, type StrandTask, type Wait } from "../loop/strand.js";
import { isAbortBy } from "./abort-error.js";
import { Context, currentContext } from "./context.js";
import { leaveWaits, tasksWithWaits } from "./left-waits.js";
import { pendingTasks } from "./task-registry.js";
import { Waits } from "./waits.js";

/** The body of a task: a function, or a promise that runs already. */
export type TaskBody<T> = (() => T | PromiseLike<T>) | PromiseLike<T>;

/** Options of `createTask`. */
export interface TaskOptions {
  /** @default "Task-1", "Task-2", … */
  name?: string | undefined;
  /** The context from which the task reads ContextVars. @default a copy of the caller's context */
  context?: Context | undefined;
  /** `true`: the task runs to its first await at once, not in the loop's next pass. @default false */
  eager?: boolean | undefined;
  /** Cancels the task when the signal fires. @default none */
  signal?: AbortSignal | undefined;
  /** The loop of the task. @default the running loop */
  loop?: EventLoop | undefined;
}

const taskOptionTypes: OptionTable<TaskOptions> = {
  name: text,
  context: instanceOf(Context, "a Context, such as copyContext() gives"),
  eager: flag,
  signal: abortSignal,
  loop: objectWith(["callSoon", "schedule", "time"], "an EventLoop"),
};

/** A cancellation that has not been delivered. */
interface MustCancel {
  readonly message: unknown;
  /** The strand whose waits are cancelled; `undefined`: all waits of the task. */
  readonly within: Strand | undefined;
}

let lastNumber = 0;

/** Made by `createTask`. @see https://docs.python.org/3/library/asyncio-task.html#task-object */
export class Task<T> extends Future<T> {
  /** For strands. @internal */
  readonly loop: EventLoop;
  /** For strands. @internal */
  readonly parent = undefined;
  readonly #body: TaskBody<T>;
  /** The body, if it is a promise that is no future of a loop. An executor's call is followed by a future. */
  readonly #adopted: T | Promise<T> | undefined;
  readonly #waits = new Waits();
  #name: string;
  #mustCancel: MustCancel | undefined;
  /** Whether the task follows a promise, and runs no function. Its cancellation then takes effect at once. */
  #followsPromise = false;
  #cancelRequests = 0;
  #cancelling = false;
  #abort: AbortController | undefined;
  #unlisten: (() => void) | undefined;

  constructor(body: TaskBody<T>, options: TaskOptions = {}) {
    super(options);
    letTasksFollow();
    this.loop = this.getLoop();
    this.#body = body;
    this.#name = options.name ?? `Task-${++lastNumber}`;
    const { signal, eager = false, context = currentContext()?.copy() } = options;
    if (this.loop.isClosed()) throw new LoopClosedError();
    // The task is added last, because an error above must leave no task behind.
    if (signal !== undefined) this.#listen(signal);
    const start = context === undefined ? () => this.#start() : () => this.#startIn(context);
    if (!eager) {
      // The first step runs in the AsyncLocalStorage context of the creator, and each await keeps it.
      const creator = new AsyncResource("offloop.Task", { requireManualDestroy: true });
      this.loop.schedule({ cancelled: () => false, run: () => creator.runInAsyncScope(start), describe: () => ({ name: this.#name, task: this.#name }) });
    }
    pendingTasks.add(this);
    if (typeof body !== "function" && !isFuture(body)) this.#adopted = this.#adopt(body);
    if (eager) start();
  }

  /** The task itself: it is the outermost strand of its code. @internal */
  get task(): this {
    return this;
  }

  /** The name: from `TaskOptions.name` or `setName`, else `Task-` and a number. */
  getName(): string {
    return this.#name;
  }

  /** Renames the task, for reports and debug output. @param name is turned into a string */
  setName(name: string): void {
    this.#name = String(name);
  }

  /** The body, as `createTask` received it. */
  getBody(): TaskBody<T> {
    return this.#body;
  }

  /** The number of cancellation requests, less the number of `uncancel` calls. */
  cancelling(): number {
    return this.#cancelRequests;
  }

  /**
   * Takes one cancellation request back: for code that requested a cancellation and has handled it.
   * @returns the number of requests that are left
   */
  uncancel(): number {
    if (this.#cancelRequests > 0) this.#cancelRequests -= 1;
    if (this.#cancelRequests === 0) {
      this.#mustCancel = undefined;
      if (this.#abort?.signal.aborted === true) this.#abort = undefined;
    }
    return this.#cancelRequests;
  }

  /** Fires when the task is cancelled. Pass it to `fetch` and to functions of Node. After `uncancel` the task has a new signal. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#mustCancel !== undefined) this.#abort.abort(cancelledError(this.#mustCancel.message));
    }
    return this.#abort.signal;
  }

  /** Requests a cancellation: `CancelledError` is thrown at the `await` where the task waits, or at its next one. The task may catch it. */
  override cancel(message?: unknown): boolean {
    return cancelThrough(this.beginCancel(message), message);
  }

  /** @internal */
  get passesCancel(): boolean {
    return this.cancel === Task.prototype.cancel;
  }

  /** @internal */
  beginCancel(message: unknown): CancelPass | undefined {
    return this.#beginCancel(undefined, message);
  }

  /** As `cancel`, for the waits within one strand. The task's other branches continue. @internal */
  cancelWithin(within: Strand | undefined, message?: unknown): boolean {
    return cancelThrough(this.#beginCancel(within, message), message);
  }

  /** Cancels the waits within `within`, without counting a request. @returns whether a wait could be cancelled @internal */
  interrupt(within: Strand | undefined, message?: unknown, spares?: (wait: Wait) => boolean): boolean {
    return cancelThrough(this.#passOn(within, (told) => told, spares), message);
  }

  #beginCancel(within: Strand | undefined, message: unknown): CancelPass | undefined {
    if (this.done() || this.#cancelling) return undefined;
    this.#cancelRequests += 1;
    return this.#passOn(within, (told) => {
      if (!told) this.#keepCancellation(within, message);
      this.#abort?.abort(cancelledError(message));
      return true;
    });
  }

  #passOn(within: Strand | undefined, then: (told: boolean) => boolean, spares?: (wait: Wait) => boolean): CancelPass {
    this.#cancelling = true; // otherwise tasks that await each other would cancel each other for ever
    return {
      parts: this.#sources(within, spares),
      end: (told) => {
        this.#cancelling = false;
        return then(told);
      },
      abandon: () => void (this.#cancelling = false),
    };
  }

  *#sources(within: Strand | undefined, spares?: (wait: Wait) => boolean): Generator<CancelSource> {
    for (const wait of this.#waits) {
      if (within !== undefined && !isWithin(wait.strand, within)) continue;
      if (wait.source !== undefined && spares?.(wait) !== true) yield wait.source;
    }
  }

  /** No wait of the task could be cancelled: see "must cancel" above. */
  #keepCancellation(within: Strand | undefined, message: unknown): void {
    this.#mustCancel = { message, within: this.#widest(within) };
    this.cancelMessage = message;
    if (this.#followsPromise) this.loop.schedule({ cancelled: () => false, run: () => this.#detach(), describe: () => ({ name: this.#name, task: this.#name }) });
  }

  /** A strand of the task has ended. Its cancellation that was not delivered moves to the strand around it. @internal */
  leaveStrand(strand: Strand): void {
    if (this.#mustCancel?.within !== strand) return;
    this.#mustCancel = { message: this.#mustCancel.message, within: strand.parent === this ? undefined : strand.parent };
  }

  /** @internal */
  beginWait(wait: Wait): void {
    this.#waits.add(wait);
    if (this.done()) tasksWithWaits.add(this); // run() cancels it at its end
    const must = this.#mustCancel;
    if (must !== undefined && (must.within === undefined || isWithin(wait.strand, must.within))) {
      if (wait.source?.cancel(must.message) === true) this.#mustCancel = undefined;
    } else if (wait.strand.parent !== undefined && isPressed(wait.strand)) wait.source?.cancel();
  }

  /** @internal */
  endWait(wait: Wait, source: CancelSource | undefined): unknown {
    this.#waits.delete(wait);
    if (this.done() && this.#waits.empty) tasksWithWaits.delete(this);
    const must = this.#mustCancel;
    if (must !== undefined && (must.within === undefined || isWithin(wait.strand, must.within))) {
      this.#mustCancel = undefined;
      return source?.givesCancelled() === true ? undefined : cancelledError(must.message);
    }
    if (source === undefined && wait.strand.parent !== undefined && isPressed(wait.strand)) return cancelledError(undefined);
    return undefined;
  }

  /** The future that the task waits for, if there is exactly one. @internal */
  get waitingFor(): Wait | undefined {
    return this.#waits.only;
  }

  /** For call graphs: its awaits that have not returned. @internal */
  get waits(): Iterable<Wait> {
    return this.#waits;
  }

  /** Only the body of a task settles it. @throws Error always */
  override setResult(): never {
    throw new Error("A task's result is what its function returns. Return the value there; setResult() is for futures.");
  }

  /** Only the body of a task settles it. @throws Error always */
  override setException(): never {
    throw new Error("A task's error is what its function throws. Throw the error there; setException() is for futures.");
  }

  /** @internal */
  override awaitIn(strand: Strand, onValue: (value: T) => void, onError: (error: unknown) => void): void {
    // If no other task awaits the waiting task, there is no cycle, and the walk along a long chain is skipped.
    if (!this.done() && (strand.task as Task<unknown>).isAwaited && this.#leadsTo(strand.task)) {
      failAwait(this.loop, onError, new Error(`Task ${strand.task.getName()} awaits ${this.#name}, which awaits it in turn, so neither can end. Remove one of the awaits in the cycle.`));
    } else super.awaitIn(strand, onValue, onError);
  }

  /** The stack frames at which the task waits, innermost first. In debug mode only. */
  getStack(): string[] {
    return [...this.#waits].flatMap((wait) => framesOfUsers(wait));
  }

  /** Writes `getStack()` to `write`. */
  printStack(write: (text: string) => void = (text) => void process.stderr.write(text)): void {
    const frames = this.getStack();
    if (this.done()) write(`${this.#name} is done\n`);
    else if (frames.length > 0) write(`${this.#name} waits\n${frames.map((frame) => `    ${frame}\n`).join("")}`);
    else write(`${this.#name}: ${this.loop.debug ? "it waits for nothing of this loop's" : "its stack is kept in debug mode only: run(main, { debug: true }), or OFFLOOP_DEBUG=1"}\n`);
  }

  /** @internal */
  protected override describeSelf(): string {
    return `Task ${this.#name}`;
  }

  /** @internal */
  protected override describeState(show: (value: unknown) => string): string[] {
    const name = functionName(this.#body);
    return [...super.describeState(show), ...(name ? [`${name}()`] : []), ...(this.done() ? [] : this.#describeWait())];
  }

  #describeWait(): string[] {
    const frame = this.getStack()[0];
    if (frame !== undefined) return [`waits at ${frame.trim().replace(/^at /, "")}`];
    const awaited: unknown = this.waitingFor?.source;
    return awaited instanceof Task ? [`waits for ${awaited.describeSelf()}`] : awaited instanceof Future ? ["waits for a Future"] : [];
  }

  /** Adopts the promise. It may fail before the task's first step. The task then reports the error, and there is no unhandled rejection. */
  #adopt(body: PromiseLike<T>): T | Promise<T> {
    const future = asFuture(body, this.loop);
    if (isFuture(future)) return future as Future<T>;
    const adopted = runInStrand(this as Strand, () => adopt(body));
    if (isNativePromise(adopted)) followNatively(adopted, undefined, () => {});
    return adopted;
  }

  #startIn(context: Context): void {
    try {
      context.run(() => this.#start());
    } catch (error) {
      this.#failed(error); // the context is entered already
    }
  }

  #start(): void {
    const must = this.#mustCancel;
    if (must !== undefined) {
      this.#mustCancel = undefined;
      const following = this.#adopted ?? this.#body;
      if (isFuture(following)) following.cancel(must.message);
      return this.#failed(cancelledError(must.message));
    }
    let running: T | PromiseLike<T>;
    try {
      running = runInStrand(this as Strand, this.#run);
    } catch (error) {
      return this.#failed(error);
    }
    // A future is awaited as the task, so that `cancel` reaches it; another promise through its native slot.
    if (isFuture(running)) running.awaitIn(this, (value) => this.#returned(value as T), (error) => this.#failed(error));
    else if (isNativePromise<T>(running)) {
      this.#followsPromise = typeof this.#body !== "function";
      followNatively(running, (value) => this.#returned(value), (error) => this.#failed(error));
    } else this.#returned(running as T);
  }

  /** Ends the task although its promise is pending, unless the cancellation was taken back. */
  #detach(): void {
    const must = this.#mustCancel;
    if (must !== undefined && !this.done()) this.#failed(cancelledError(must.message));
  }

  #run = (): T | PromiseLike<T> => {
    if (typeof this.#body !== "function") return (this.#adopted ?? this.#body) as T | PromiseLike<T>;
    const running = asFuture(this.#body(), this.loop) as T | PromiseLike<T>;
    return isFuture(running) ? running : adopt(running);
  };

  #returned(value: T): void {
    if (this.done()) return;
    const must = this.#mustCancel;
    this.#ended();
    if (must === undefined && this.loop.debug && this.#cancelRequests > 0) {
      process.emitWarning(`${this.#name} was cancelled and returned all the same, because a catch block took its CancelledError. Begin the catch block with rethrowCancelled(error).`, { code: "OFFLOOP_CANCEL_SWALLOWED" });
    }
    if (must === undefined) this.fulfil(value);
    else this.end(must.message, cancelledError(must.message));
  }

  #failed(error: unknown): void {
    if (this.done()) return;
    this.#ended();
    const cancelled = this.asCancelled(error);
    if (cancelled !== undefined) this.end(undefined, cancelled);
    else this.fail(error);
  }

  /** The cancellation behind `error`: `error` itself, or an abort error that a client library made of it. @internal */
  asCancelled(error: unknown): CancelledError | undefined {
    if (isCancelledError(error)) return error;
    return isAbortBy(error, this.#abort?.signal) ? (this.#abort!.signal.reason as CancelledError) : undefined;
  }

  /** Whether an earlier cancellation is still to be delivered within `strand`. @internal */
  owesCancellation(strand: Strand): boolean {
    const must = this.#mustCancel;
    return must !== undefined && (must.within === undefined || isWithin(strand, must.within));
  }

  #ended(): void {
    this.#mustCancel = undefined;
    this.#unlisten?.();
    pendingTasks.delete(this);
    if (!this.#waits.empty) leaveWaits(this, this.#waits);
  }

  /** For the end of run(): cancels the waits that have outlived the task. @internal */
  cancelLeftWaits(): void {
    for (const wait of this.#waits) wait.source?.cancel();
  }

  /** The outer of two strands: `within`, and the strand of a cancellation that is not delivered yet. */
  #widest(within: Strand | undefined): Strand | undefined {
    const earlier = this.#mustCancel;
    if (earlier === undefined || within === undefined) return within;
    return earlier.within === undefined || isWithin(within, earlier.within) ? earlier.within : within;
  }

  #listen(signal: AbortSignal): void {
    const abort = (): void => void this.cancel(signal.reason);
    if (signal.aborted) return abort();
    this.#unlisten = onAbort(signal, abort);
  }

  /** Whether this task waits for `task`, directly or through other tasks. */
  #leadsTo(task: StrandTask): boolean {
    for (let wait = this.waitingFor; wait?.source instanceof Task; wait = (wait.source as Task<unknown>).waitingFor) {
      if ((wait.source as unknown) === task) return true;
    }
    return false;
  }
}

/**
 * Starts `body` as a task, in the loop's next pass. Pass the function, not its promise: the work behind a promise
 * continues when the task is cancelled.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
 */
export function createTask<T>(body: TaskBody<T>, options?: TaskOptions): Task<Awaited<T>> {
  return startTask("createTask()", body, options, undefined);
}

/** For loops and groups, whose tasks run on one loop. @param of the function that the program called, for messages */
export function startTask<T>(of: string, body: TaskBody<T>, options: TaskOptions | undefined, loop: EventLoop | undefined): Task<Awaited<T>> {
  const onLoop = loop === undefined ? undefined : { loop };
  try {
    if (typeof body !== "function" && !isPromiseLike(body)) throw invalidArgument(of, "an async function, or a promise", body, "createTask(() => work(x))");
    const checked = options === undefined ? onLoop : { ...checkOptions(of, options, taskOptionTypes), ...onLoop };
    return new Task(body, checked) as Task<Awaited<T>>;
  } catch (error) {
    if (!(error instanceof InvalidOptionError || error instanceof InvalidArgumentError)) throw error;
    return new Task<never>(() => Promise.reject(error), onLoop) as Task<Awaited<T>>;
  }
}

/** The task of the calling code; `undefined` outside a task. */
export function currentTask(): Task<unknown> | undefined {
  const task = currentStrand()?.task as Task<unknown> | undefined;
  return task === undefined || task.done() ? undefined : task;
}
