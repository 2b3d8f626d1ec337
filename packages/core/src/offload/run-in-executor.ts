// toThread(), toProcess() and runInExecutor(): run a function on another thread, and await its result.
import { type CallArguments, type Callable, type CallOptions, type Executor, type ExecutorStats, invalidArgument, noteCallers, type Received, resolveCallOptions, type ResolvedCallOptions, type ReturnsData, setMainHost } from "@offloop/workers/executor";
import type { Future } from "../future/future.js";
import { orReject } from "../future/or-reject.js";
import { defaultExecutor, defaultProcessExecutor, loadedExecutor, loadedProcessExecutor } from "./default-executor.js";
import { loopAsHost } from "./main-host.js";
import { wrapFuture } from "../future/wrap-future.js";

setMainHost(loopAsHost);

/**
 * Runs `fn(...args)` on an executor and gives its result as a future of the loop.
 * @param executor `null`: the default executor
 * @throws (by rejection) InvalidArgumentError `executor` is neither
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor
 */
export function runInExecutor<A extends any[], R, This = void>(executor: Executor | null, fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Future<Received<Awaited<R>>> {
  return orReject(() => {
    if (executor !== null && typeof executor?.submit !== "function") throw invalidArgument("runInExecutor()", "an executor, or null for the default one, and then the function", executor, "runInExecutor(null, fn, ...args)");
    const chosen = executor ?? defaultExecutor();
    if ("submit" in chosen) return wrapFuture(chosen.submit(fn, ...args));
    noteCallers(fn);
    return wrapFuture({ executor: chosen, submit: (ready) => ready.submit(fn, ...args) });
  });
}

/** `toThread` or `toProcess`, and their views with options. */
export interface ToExecutor {
  <A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Future<Received<Awaited<R>>>;
  /** A view with these call options: `toThread.with({ signal })(fn, x)`. @throws InvalidOptionError */
  with(options: CallOptions): ToExecutor;
  /**
   * Loads the default executor, and starts its workers, so that the first call does not wait for them.
   * @param workers how many there are to be @default as many as may compute at once
   * @throws (by rejection) InvalidOptionError; WorkerStartError a worker cannot start
   */
  warmUp(workers?: number): Promise<void>;
  /** What the default executor does: workers, and calls by their state. All are 0 before the first call. */
  stats(): ExecutorStats;
}

/** The type of `toThread`. */
export type ToThread = ToExecutor;

/**
 * Runs `fn(...args)` on a worker thread, so this thread's loop keeps turning, and returns a future of its
 * result: `await toThread(render, text)`.
 *
 * The default executor is a `ThreadPoolExecutor` without options: one thread less than there are cores, and up to
 * `min(32, cores + 4)` threads if they are blocked and not computing. `setDefaultExecutor` replaces it.
 *
 * Cancelling the awaiting task cancels the call. After a shutdown, the next call creates a new default
 * executor. Arguments and result are copied by structured clone. Errors keep their class name, `code` and
 * `cause`, and have both stacks.
 * @throws (by rejection) what `fn` throws; an `OffloopError` if the call could not be made
 * @example
 * const html = await toThread(renderDocument, text);
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread
 */
export const toThread: ToThread = withOptions("toThread", defaultExecutor, loadedExecutor, undefined);

/**
 * As `toThread`, in a process of its own: for native code that may crash, or that is not safe on threads.
 * Memory cannot be shared.
 */
export const toProcess: ToExecutor = withOptions("toProcess", defaultProcessExecutor, loadedProcessExecutor, undefined);

/** The statistics of an executor that is not there yet. */
const NO_CALLS = Object.freeze({ count: 0, totalMs: 0, longestMs: 0 });
const NO_STATS: ExecutorStats = Object.freeze({ maxWorkers: 0, workers: 0, idleWorkers: 0, startingWorkers: 0, queued: 0, running: 0, submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0, crashes: 0, workersStarted: 0, wait: NO_CALLS, run: NO_CALLS, utilization: 0 });

/** @param loaded the executor, if there is one already */
function withOptions(name: string, choose: typeof defaultExecutor, loaded: () => Executor | undefined, options: ResolvedCallOptions | undefined): ToExecutor {
  // One view for each executor: its options are checked once, and not with each call.
  let viewed: Executor | undefined;
  let viewer: Executor;
  const viewOf = (executor: Executor): Executor => {
    if (options === undefined) return executor;
    if (executor !== viewed) [viewed, viewer] = [executor, executor.with(options)];
    return viewer;
  };
  const call = <A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Future<Received<Awaited<R>>> => {
    const chosen = choose();
    if ("submit" in chosen) return wrapFuture(viewOf(chosen).submit(fn, ...args));
    noteCallers(fn); // the call is made from a callback, whose stack does not lead here
    return wrapFuture({ executor: chosen, submit: (ready) => viewOf(ready).submit(fn, ...args) });
  };
  const view = (more: CallOptions): ToExecutor => withOptions(name, choose, loaded, resolveCallOptions(more, options, `${name}.with()`));
  const warmUp = async (workers?: number): Promise<void> => (await choose()).warmUp(workers);
  return Object.assign(Object.defineProperty(call, "name", { value: name }), { with: view, warmUp, stats: () => loaded()?.stats() ?? NO_STATS });
}
