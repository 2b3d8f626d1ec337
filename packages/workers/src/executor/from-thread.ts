// The way back: what a function on a worker asks of the thread that called it. A worker's entry (or the
// inline executor) says how its messages get there; on that thread a host runs what they ask for: a
// plain one here, the loop where there is one.
//
//   worker   fromThread() ─▶ WayBack ─▶ message ─▶ dispatch/back-calls.ts ─▶ MainHost   the calling thread
import type { CallFuture } from "./call-future.js";
import type { Callable } from "./executor.js";

type Fn = Callable<never[], unknown>;

/** How calls get from a worker to the thread that it works for. */
export interface WayBack {
  call(fn: Fn, args: unknown[]): CallFuture<unknown>;
  callSync(fn: Fn, args: unknown[]): unknown;
  callSoon(fn: Fn, args: unknown[]): void;
}

/** Runs on the calling thread what workers ask for. */
export interface MainHost {
  /** @returns its outcome, and a way to ask it to end */
  run(name: string, fn: () => unknown): { readonly outcome: PromiseLike<unknown>; cancel(reason: unknown): void };
  /** Runs it soon, after what was scheduled before. What it throws is for the host to report. */
  schedule(fn: () => unknown): void;
}

// On globalThis by registered symbols, so that a bundled copy of this module meets the same ones.
const wayBackKey = Symbol.for("offloop.wayBack");
const hostKey = Symbol.for("offloop.mainHost");
const holder = globalThis as { [wayBackKey]?: () => WayBack | undefined; [hostKey]?: MainHost };

/** Without a loop: functions run as they come, and cannot be asked to end. */
const plainHost: MainHost = {
  run: (_name, fn) => ({ outcome: new Promise((resolve) => resolve(fn())), cancel: () => {} }),
  schedule: (fn) => void setImmediate(fn),
};

/** For executors: a source of ways back, which is asked before those added earlier. */
export function addWayBack(source: () => WayBack | undefined): void {
  const earlier = holder[wayBackKey];
  holder[wayBackKey] = earlier === undefined ? source : () => source() ?? earlier();
}

/** For loops: runs what workers ask for from now on; `undefined`: the plain host. */
export function setMainHost(host: MainHost | undefined): void {
  if (host === undefined) delete holder[hostKey];
  else holder[hostKey] = host;
}

/** For executors: who runs what workers ask for. */
export function mainHost(): MainHost {
  return holder[hostKey] ?? plainHost;
}

/** `fromThread`, and its form for synchronous code. */
export interface FromThread {
  <A extends unknown[], R>(fn: Callable<A, R>, ...args: A): CallFuture<Awaited<R>>;
  /**
   * As `fromThread`, for synchronous code: returns the result, and holds the worker until it is there.
   *
   * The worker's event loop does not turn meanwhile: its timers and sockets wait too. A round
   * trip is two messages and the waking of two threads, and takes as long as the calling thread is busy.
   * A cancelled call ends the wait.
   * @throws what `fn` throws; CancelledError the call was cancelled; FunctionTravelError `fn` cannot go
   * there, or cannot be found without waiting; Error in a process, which has no shared memory to wait in
   * @example
   * const known = fromThread.sync(lookUp, key); // in the middle of a computation
   */
  sync<A extends unknown[], R>(fn: Callable<A, R>, ...args: A): Awaited<R>;
}

/**
 * On a worker: runs `fn(...args)` on the thread that made the call, and gives its result.
 *
 * A function that a module exports runs in that thread's instance of the module, and sees its state;
 * any other one, and one of the program's entry, goes as code with copies of what it captured. Where a
 * loop is in use it runs as a task. If the call is cancelled, or its worker ends, the function is
 * cancelled too; `cancel()` of what this returns does the same. A failure that nobody awaits is dropped.
 * @param args copied by structured clone, as the result is
 * @throws (by rejection) what `fn` throws, with both stacks; CancelledError; CloneError; FunctionTravelError
 * @throws Error this is no worker: call the function itself
 * @example
 * // On a thread of toThread: the connection lives in the main thread's module.
 * const rows = await fromThread(queryDatabase, "select 1");
 * @see https://anyio.readthedocs.io/en/stable/threads.html#calling-asynchronous-code-from-a-worker-thread
 */
export const fromThread: FromThread = Object.assign(
  <A extends unknown[], R>(fn: Callable<A, R>, ...args: A) => wayBack("fromThread").call(fn as Fn, args) as CallFuture<Awaited<R>>,
  { sync: <A extends unknown[], R>(fn: Callable<A, R>, ...args: A) => wayBack("fromThread.sync").callSync(fn as Fn, args) as Awaited<R> },
);

/**
 * On a worker: schedules `fn(...args)` on the thread that it works for, in the order of these calls,
 * and goes on. Where a loop is in use it runs as by `callSoon`; what it throws goes to the loop's
 * exception handler, and without a loop is an uncaught exception there. It is not cancelled with the
 * call, and does not keep the process alive. `fn` travels as with `fromThread`; while it is loaded there
 * for the first time, the call's own result may overtake it.
 * @throws CloneError; FunctionTravelError; Error this is no worker: use `loop.callSoon`
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_soon_threadsafe
 */
export function callSoonThreadsafe<A extends unknown[]>(fn: Callable<A, unknown>, ...args: A): void {
  wayBack("callSoonThreadsafe").callSoon(fn as Fn, args);
}

function wayBack(what: string): WayBack {
  const found = holder[wayBackKey]?.();
  if (found === undefined) throw new Error(`${what}() was called outside a worker: only functions run by an executor have a thread to go back to. On this thread call the function itself.`);
  return found;
}
