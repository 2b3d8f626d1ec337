// The contract of every executor, whatever its workers are. @offloop/core, examples and later
// packages depend on this file alone; it imports nothing outside its folder.
import type { CallArguments, Callable, MapItem } from "./callable.js";
import type { CallFuture } from "./call-future.js";
import type { CallOptions } from "./call-options.js";
import type { MapOptions } from "./map-options.js";
import type { ShutdownOptions } from "./shutdown-options.js";
import type { Received } from "./received.js";

/** What a function may return to be streamed: a generator, or any iterable; also a promise of one. */
export type Streamed<T> = Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T> | AsyncIterable<T>>;

/** A moment's figures of an executor. */
export interface ExecutorStats {
  readonly workers: number;
  readonly idleWorkers: number;
  readonly startingWorkers: number;
  readonly queued: number;
  readonly running: number;
  readonly submitted: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly crashes: number;
  readonly workersStarted: number;
}

/**
 * Runs functions somewhere else: on threads, in processes, or (for tests) in place.
 *
 * Every call settles: with the function's result, with what it threw, or with an `OffloopError` that
 * says why neither could be had. Errors of use (a function that cannot travel, an argument that
 * cannot be cloned, a shut-down executor) reject the call's future too; `submit` never throws.
 * An executor with nothing to do does not keep the process alive.
 * @see https://docs.python.org/3/library/concurrent.futures.html#executor-objects
 */
export interface Executor extends AsyncDisposable {
  /** What its workers are: `thread`, `process`, `inline`, or the name that another executor gives to its own. */
  readonly kind: string;

  /** Runs `fn(...args)` on a worker. Arguments and result are copied by structured clone. */
  submit<A extends any[], R>(fn: Callable<A, R>, ...args: CallArguments<A>): CallFuture<Received<Awaited<R>>>;

  /**
   * Runs `fn(item)` for each item, on all workers, and gives the results as an async iterable.
   * The source is read as results are taken; leaving the loop early cancels what is left.
   */
  map<T, R>(fn: Callable<[item: T], R>, items: Iterable<MapItem<T>> | AsyncIterable<MapItem<T>>, options?: MapOptions): AsyncIterableIterator<Received<Awaited<R>>>;

  /**
   * Runs a generator function on a worker and gives what it yields, by credits: the worker stops when
   * some 64 items wait to be taken. It starts with the first `next()` and holds its worker until it
   * ends; leaving the loop early closes the generator, whose `finally` blocks run.
   * @throws (on iteration) what the generator throws; `WorkerCrashedError` where its worker ended, after the items that came before
   */
  stream<A extends any[], T>(fn: Callable<A, Streamed<T>>, ...args: CallArguments<A>): AsyncIterableIterator<Received<T>>;

  /**
   * Runs `fn(...args)` once on each worker that there is now, beside what they run; on one that is
   * started if there is none. For what every later worker needs as well there is the `setup` option.
   * @returns the results, by the age of the workers; rejects with the first failure, when all have ended
   */
  broadcast<A extends any[], R>(fn: Callable<A, R>, ...args: CallArguments<A>): Promise<Received<Awaited<R>>[]>;

  /**
   * Resolves when the queue has room for a call (`maxQueue`), at once where it has: a producer that waits
   * for it before each `submit` is slowed down instead of refused. Those who wait are served in turn.
   * @throws CancelledError by the `signal` of `with()`; ExecutorShutdownError
   */
  ready(): Promise<void>;

  /**
   * Starts workers until there are `workers` of them, so that the first calls need not wait.
   * @param workers `undefined`: as many as there may be
   * @throws WorkerStartError one of them could not start
   */
  warmUp(workers?: number): Promise<void>;

  /** A view of this executor whose calls have these options; views of views add up. */
  with(options: CallOptions): Executor;

  stats(): ExecutorStats;

  /**
   * Takes no more calls, lets those that it has finish, and ends the workers. Can be called again;
   * each promise resolves when all is gone.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}
