// The event loop, assembled from the rooms below: scheduling on Node's own loop, with asyncio's names.
import type { Callable, Executor, ShutdownOptions } from "@offloop/workers/executor";
import { Future } from "./future/future.js";
import { Handle, TimerHandle } from "./loop/handle.js";
import { getEventLoop, setLoopFactory } from "./loop/running-loop.js";
import { Scheduler } from "./loop/scheduler.js";
import { setDefaultExecutor, shutdownDefaultExecutor } from "./offload/default-executor.js";
import { runInExecutor } from "./offload/run-in-executor.js";
import { createTask, type Task, type TaskOptions } from "./task/task.js";

type Callback<A extends unknown[]> = (...args: A) => unknown;

/** What the exception handler is given. */
export interface ExceptionContext {
  readonly message: string;
  readonly error: unknown;
  readonly handle?: Handle;
}

/**
 * Schedules callbacks on this thread. There is one loop a thread; it starts with its first use and
 * ends with the process. What is scheduled keeps the process alive, as Node's timers do.
 * @see https://docs.python.org/3/library/asyncio-eventloop.html
 */
export class EventLoop {
  readonly #scheduler = new Scheduler(
    () => this.time(),
    (error, handle) => this.callExceptionHandler({ message: "A callback threw", error, handle }),
  );
  #exceptionHandler: ((context: ExceptionContext) => void) | undefined;

  /** Milliseconds on the monotonic clock. */
  time(): number {
    return performance.now();
  }

  /** Runs `callback(...args)` soon: after what was scheduled before, never in this turn of the stack. */
  callSoon<A extends unknown[]>(callback: Callback<A>, ...args: A): Handle {
    const handle = new Handle(callback, args);
    this.#scheduler.schedule(handle);
    return handle;
  }

  /** Runs `callback(...args)` after `delayMs`, never early; equal times in the order of scheduling. */
  callLater<A extends unknown[]>(delayMs: number, callback: Callback<A>, ...args: A): TimerHandle {
    if (typeof delayMs !== "number" || Number.isNaN(delayMs)) throw new TypeError(`callLater takes a delay in milliseconds; got ${String(delayMs)}`);
    return this.callAt(this.time() + Math.max(0, delayMs), callback, ...args);
  }

  /** Runs `callback(...args)` at `when`, on the clock of `time()`. */
  callAt<A extends unknown[]>(when: number, callback: Callback<A>, ...args: A): TimerHandle {
    if (typeof when !== "number" || Number.isNaN(when)) throw new TypeError(`callAt takes a time in milliseconds; got ${String(when)}`);
    const handle = new TimerHandle(when, callback, args);
    this.#scheduler.scheduleAt(handle);
    return handle;
  }

  /** As the function of the same name. */
  runInExecutor<A extends unknown[], R>(executor: Executor | null, fn: Callable<A, R>, ...args: A): Future<Awaited<R>> {
    return runInExecutor(executor, fn, ...args);
  }

  setDefaultExecutor(executor: Executor): void {
    setDefaultExecutor(executor);
  }

  shutdownDefaultExecutor(options?: ShutdownOptions): Promise<void> {
    return shutdownDefaultExecutor(options);
  }

  /** Starts a task. */
  createTask<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<Awaited<T>> {
    return createTask(fn, options);
  }

  /** A pending future. */
  createFuture<T>(): Future<T> {
    return new Future<T>();
  }

  /** Who is told of errors that nobody waits for; `undefined` restores the default, which throws them as uncaught exceptions. */
  setExceptionHandler(handler: ((context: ExceptionContext) => void) | undefined): void {
    this.#exceptionHandler = handler;
  }

  callExceptionHandler(context: ExceptionContext): void {
    if (this.#exceptionHandler !== undefined) this.#exceptionHandler(context);
    else
      process.nextTick(() => {
        throw context.error;
      });
  }
}

setLoopFactory(() => new EventLoop());
export { getEventLoop };
