// The contract of every executor, for any kind of worker. @offloop/core, the examples and other packages depend on
// this file alone. It imports nothing outside its folder.
import type { CallArguments, Callable, MapItem } from "./callable.js";
import type { CallFuture } from "./call-future.js";
import type { CallOptions } from "./call-options.js";
import type { DurationStats } from "./duration-totals.js";
import type { MapOptions } from "./map-options.js";
import type { ShutdownOptions } from "./shutdown-options.js";
import type { Received, ReturnsData } from "./received.js";

/** The return type of a function that can be streamed: a generator, any iterable, or a promise of one. */
export type Streamed<T> = Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T> | AsyncIterable<T>>;

/** Statistics of an executor at one moment. */
export interface ExecutorStats {
  /** The largest number of workers that compute: the option `maxWorkers`, or the capacity of all hosts. */
  readonly maxWorkers: number;
  /** The number of workers that have started, and were not told to end. */
  readonly workers: number;
  /** The number of workers that are ready and have no call. */
  readonly idleWorkers: number;
  /** The number of workers that are being started. `workers` does not count them. */
  readonly startingWorkers: number;
  /** The number of calls that wait for a worker. */
  readonly queued: number;
  /** The number of calls that workers have. */
  readonly running: number;
  /** The number of calls so far. Each is queued, running, or counted as fulfilled, rejected or cancelled. */
  readonly submitted: number;
  /** The number of calls so far that have returned. */
  readonly fulfilled: number;
  /** The number of calls so far that have failed. */
  readonly rejected: number;
  /** The number of calls so far that were cancelled. */
  readonly cancelled: number;
  /** The number of workers so far that ended without being told to. */
  readonly crashes: number;
  /** The number of workers so far, those that have ended among them. */
  readonly workersStarted: number;
  /**
   * How long calls waited for a worker, of those that were submitted after the first `stats()` or while somebody subscribed to
   * their events, and that a worker has begun. Until then the submission of a call reads no clock.
   */
  readonly wait: DurationStats;
  /** How long the calls ran that have been answered by a worker. A chunk of `map` counts as one call. */
  readonly run: DurationStats;
  /** The share of the time since their start in which the present workers had a call, from 0 to 1. 0: there is no worker. */
  readonly utilization: number;
}

/**
 * Runs functions on workers: threads, processes, other hosts, or in place for tests.
 *
 * Every call settles: with the function's result, with the error that the function threw, or with an `OffloopError`
 * that gives the reason why there is neither. `submit` never throws. The future rejects if the function cannot travel,
 * if an argument cannot be cloned, and if the executor was shut down. An idle executor does not keep the process alive.
 * @see https://docs.python.org/3/library/concurrent.futures.html#executor-objects
 */
export interface Executor extends AsyncDisposable {
  /** The kind of its workers: `thread`, `process`, `inline`, or the name that a third-party executor has chosen. */
  readonly kind: string;

  /** The name in events and metrics: the option `name`, or the `kind`. */
  readonly name: string;

  /** Runs `fn(...args)` on a worker. Arguments and result are copied by structured clone. */
  submit<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): CallFuture<Received<Awaited<R>>>;

  /**
   * Runs `fn(item)` for each item, on all workers, and returns the results as an async iterable.
   * The executor reads the source as the consumer takes results. If the consumer leaves the loop early, the
   * executor cancels the calls that remain.
   */
  map<T, R, This = void>(fn: Callable<[item: T], R, This> & ReturnsData<R>, items: Iterable<MapItem<T>> | AsyncIterable<MapItem<T>>, options?: MapOptions): AsyncIterableIterator<Received<Awaited<R>>>;

  /**
   * Runs a generator function on a worker and returns its items as an async iterable, with back-pressure:
   * the generator pauses while 64 items wait for the consumer. It starts with the first `next()` and holds
   * its worker until it ends. If the consumer leaves the loop early, the generator is closed and its
   * `finally` blocks run.
   * @throws (on iteration) what the generator throws; `WorkerCrashedError` if its worker ended, after the items that had arrived
   */
  stream<A extends any[], T, This = void>(fn: Callable<A, Streamed<T>, This> & ReturnsData<T>, ...args: CallArguments<A>): AsyncIterableIterator<Received<T>>;

  /**
   * Runs `fn(...args)` once on each worker that exists now, beside the calls that it runs. If there is no
   * worker, the executor starts one. To prepare later workers too, use the `setup` option.
   * @returns the results, oldest worker first; rejects with the first failure when all calls have ended
   */
  broadcast<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Promise<Received<Awaited<R>>[]>;

  /**
   * Resolves when the queue has room for a call (`maxQueue`). A producer that awaits `ready()` before each
   * `submit` gets back-pressure in place of `QueueFullError`. Waiting producers are served in order.
   * @throws CancelledError when the `signal` of `with()` fires; ExecutorShutdownError
   */
  ready(): Promise<void>;

  /**
   * Starts workers until there are `workers` of them, so that the first calls do not wait for a start.
   * @param workers `undefined`: `maxWorkers`
   * @throws WorkerStartError a worker could not start
   */
  warmUp(workers?: number): Promise<void>;

  /** Returns a view of this executor whose calls have these options. The options of a view of a view add up. */
  with(options: CallOptions): Executor;

  /** Returns statistics: the workers, and the calls since the executor was created. */
  stats(): ExecutorStats;

  /**
   * Refuses further calls, waits for the pending calls, and ends the workers. A second `shutdown()` waits for the
   * same end.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}
