// The way back: a function on a worker runs another function on the thread that called it. A worker's entry
// (or the inline executor) carries the messages. On the calling thread a host runs the requests: main-host.ts.
//
//   worker   fromThread() ─▶ WayBack ─▶ message ─▶ dispatch/back-calls.ts ─▶ MainHost   the calling thread
import type { CallFuture } from "./call-future.js";
import type { CallArguments, Callable, CallTarget } from "./callable.js";
import type { Received, ReturnsData } from "./received.js";

/** Carries calls from a worker to the thread that it works for. */
export interface WayBack {
  /** Runs the function on the calling thread. The future has its outcome, and cancelling it cancels the function. */
  call(fn: CallTarget, args: unknown[]): CallFuture<unknown>;
  /**
   * Runs the function on the calling thread, and blocks this thread until it has ended.
   * @returns its result
   * @throws what it throws
   */
  callSync(fn: CallTarget, args: unknown[]): unknown;
  /** Runs the function on the calling thread, without an answer. */
  callSoon(fn: CallTarget, args: unknown[]): void;
}

// A property of globalThis under a registered symbol, so a bundled copy of this module uses the same one.
const wayBackKey = Symbol.for("offloop.wayBack");
const holder = globalThis as { [wayBackKey]?: () => WayBack | undefined };

/** For executors: adds a source of ways back. Later sources are asked first. */
export function addWayBack(source: () => WayBack | undefined): void {
  const earlier = holder[wayBackKey];
  holder[wayBackKey] = earlier === undefined ? source : () => source() ?? earlier();
}

/** `fromThread`, and its form for synchronous code. */
export interface FromThread {
  <A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): CallFuture<Received<Awaited<R>>>;
  /**
   * As `fromThread`, for synchronous code: blocks the worker until the result has arrived, and returns it.
   *
   * The worker's event loop does not turn while it waits, so its timers and sockets wait too. A round trip takes two
   * messages, two thread wake-ups, and the time until the calling thread is free. Cancelling the call ends the wait.
   * @throws what `fn` throws; CancelledError the call was cancelled; FunctionTravelError `fn` cannot travel, or can
   * only be located asynchronously; Error the worker is a process, which has no shared memory to wait in
   * @example
   * const known = fromThread.sync(lookUp, key); // in the middle of a computation
   */
  sync<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Received<Awaited<R>>;
}

/**
 * On a worker: runs `fn(...args)` on the thread that made the call, and returns a future of its result.
 *
 * A function that a module exports runs in that thread's instance of the module, and sees its state. Any
 * other function, and a function of the program's entry, travels as code with copies of what it captured.
 * With a loop it runs as a task. If the call is cancelled, or its worker ends, the function is cancelled
 * too. `cancel()` of the returned future cancels it as well. A rejection that nothing awaits is dropped.
 *
 * A process may request only functions that it was given: exports of the modules that its calls name or that these
 * import, functions written there, and globals such as `console.log`. Anything else rejects with FunctionTravelError.
 * @param args copied by structured clone, as the result is
 * @throws (by rejection) what `fn` throws, with both stacks; CancelledError; CloneError; FunctionTravelError
 * @throws Error this thread is not a worker: call the function directly
 * @example
 * // On a thread of toThread: the connection lives in the main thread's module.
 * const rows = await fromThread(queryDatabase, "select 1");
 * @see https://anyio.readthedocs.io/en/stable/threads.html#calling-asynchronous-code-from-a-worker-thread
 */
export const fromThread: FromThread = Object.assign(
  function fromThread<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>) {
    return wayBack("fromThread").call(fn as CallTarget, args) as CallFuture<Received<Awaited<R>>>;
  },
  { sync: <A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>) => wayBack("fromThread.sync").callSync(fn as CallTarget, args) as Received<Awaited<R>> },
);

/**
 * On a worker: schedules `fn(...args)` on the thread that made the call, and returns at once. Functions run in the
 * order in which they were scheduled. With a loop, `fn` runs as by `callSoon`, and the loop's exception handler
 * receives its errors. Without a loop, an error is an uncaught exception of that thread. Cancelling the call does not
 * cancel `fn`. `fn` does not keep the process alive. It travels as with `fromThread`. When it is loaded for the first
 * time, the result of the call may arrive before `fn` runs.
 * @throws CloneError; FunctionTravelError; Error this thread is not a worker: use `loop.callSoon`
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_soon_threadsafe
 */
export function callSoonThreadsafe<A extends any[], This = void>(fn: Callable<A, unknown, This>, ...args: CallArguments<A>): void {
  wayBack("callSoonThreadsafe").callSoon(fn as CallTarget, args);
}

function wayBack(what: string): WayBack {
  const found = holder[wayBackKey]?.();
  if (found === undefined) throw new Error(`${what}() was called outside a worker. Only a function that an executor runs has a thread to go back to. Here, call the function directly.`);
  return found;
}
