// BaseExecutor: the part of the contract that every executor shares. An executor implements the abstract methods,
// of which call() is the most important. A view with options is an executor too: it passes its calls to the
// executor that it views.
import { bindToThread } from "./bound-to-thread.js";
import { CallFuture } from "./call-future.js";
import { noteCallers } from "./callers.js";
import { type CallOptions, defaultCallOptions, resolveCallOptions, type ResolvedCallOptions } from "./call-options.js";
import type { CallArguments, Callable, CallTarget, MapItem } from "./callable.js";
import type { Executor, ExecutorStats, Streamed } from "./executor.js";
import type { Received, ReturnsData } from "./received.js";
import { enlist } from "./living.js";
import { inspectAs } from "./inspect-as.js";
import { CHUNK_MS, type ChunkResult, MapCalls } from "./map-calls.js";
import { type MapOptions, resolveMapOptions } from "./map-options.js";
import { classNameOf } from "./text-of.js";
import type { ShutdownOptions } from "./shutdown-options.js";

/**
 * The methods of an executor for hosts, which take calls with resolved options. A host runs calls of other programs,
 * for example those of a connection. `callsOf()` returns it.
 */
export interface ExecutorCalls extends Executor {
  /** The number of calls that can run at the same time. `map` submits enough chunks to keep all workers busy. */
  readonly parallelism: number;
  /** Milliseconds of work that a chunk of `map` should hold: many times the round trip of a message. */
  readonly chunkMs: number;
  /** Makes one call. A failure rejects the future. */
  call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown>;
  /** Runs the function for each of these items, one after another, on one worker. */
  callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>>;
  /** Runs a generator. A failure rejects the first `next()`. */
  callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown>;
  /** Makes one call on each worker. */
  callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]>;
  /** Resolves when the executor would accept a call. */
  whenReady(options: ResolvedCallOptions): Promise<void>;
}

/** The same executor with its methods for hosts: `callsOf(pool).call(options, fn, args)`. */
export function callsOf(executor: BaseExecutor): ExecutorCalls {
  return executor as unknown as ExecutorCalls;
}

/**
 * The base of every executor. Your own executor extends it and implements the abstract methods, or extends
 * `PoolExecutor`, which implements all of them.
 */
export abstract class BaseExecutor implements Executor {
  static {
    bindToThread(this.prototype, "in the worker, await fromThread(submit, ...args), where submit is an exported function that uses it");
    inspectAs<BaseExecutor>(this.prototype, (executor) => {
      const { workers, running, queued } = executor.stats();
      return `${classNameOf(executor)} [workers: ${workers}, running: ${running}, queued: ${queued}]`;
    });
  }

  /** @param listed whether `executors()` lists it */
  constructor(listed = true) {
    if (listed) enlist(this);
  }

  abstract readonly kind: Executor["kind"];

  /** The name in events and metrics. @default the `kind` */
  get name(): string {
    return this.kind;
  }

  abstract stats(): ExecutorStats;
  abstract shutdown(options?: ShutdownOptions): Promise<void>;

  /** The number of calls that can run at the same time. `map` submits enough chunks to keep all workers busy. */
  protected abstract readonly parallelism: number;

  /**
   * Milliseconds of work that a chunk of `map` should hold: many times the round trip of a message.
   * @default 4: a hundred times the round trip between two threads
   */
  protected get chunkMs(): number {
    return CHUNK_MS;
  }

  /** Makes one call. Never throws: a failure rejects the future. */
  protected abstract call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown>;

  /** Runs the function for each of these items, one after another, on one worker. */
  protected abstract callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>>;

  /** Runs a generator. A failure rejects the first `next()`. */
  protected abstract callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown>;

  /** Makes one call on each worker. */
  protected abstract callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]>;

  /** Resolves when the executor would accept a call. */
  protected abstract whenReady(options: ResolvedCallOptions): Promise<void>;

  abstract warmUp(workers?: number): Promise<void>;

  /** The options of calls made through this object. */
  protected get callOptions(): ResolvedCallOptions {
    return defaultCallOptions;
  }

  submit<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): CallFuture<Received<Awaited<R>>> {
    try {
      return this.call(this.callOptions, fn as CallTarget, args) as CallFuture<Received<Awaited<R>>>;
    } catch (error) {
      // The caller's code threw inside call(): the `encode` of a propagated storage, or a getter.
      return refused(error);
    }
  }

  map<T, R, This = void>(fn: Callable<[item: T], R, This> & ReturnsData<R>, items: Iterable<MapItem<T>> | AsyncIterable<MapItem<T>>, options?: MapOptions): AsyncIterableIterator<Received<Awaited<R>>> {
    noteCallers(fn);
    return new MapCalls((chunk: T[]) => this.callChunk(this.callOptions, fn as CallTarget, chunk) as CallFuture<ChunkResult<Received<Awaited<R>>>>, items, callsOf(this), resolveMapOptions(options));
  }

  stream<A extends any[], T, This = void>(fn: Callable<A, Streamed<T>, This> & ReturnsData<T>, ...args: CallArguments<A>): AsyncIterableIterator<Received<T>> {
    noteCallers(fn);
    return this.callStream(this.callOptions, fn as CallTarget, args) as AsyncIterableIterator<Received<T>>;
  }

  async broadcast<A extends any[], R, This = void>(fn: Callable<A, R, This> & ReturnsData<R>, ...args: CallArguments<A>): Promise<Received<Awaited<R>>[]> {
    const futures = await this.callEach(this.callOptions, fn as CallTarget, args);
    await Promise.allSettled(futures);
    return Promise.all(futures) as Promise<Received<Awaited<R>>[]>;
  }

  ready(): Promise<void> {
    return this.whenReady(this.callOptions);
  }

  with(options: CallOptions): Executor {
    return new ExecutorView(callsOf(this), resolveCallOptions(options, this.callOptions));
  }

  /** As `shutdown()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

function refused(error: unknown): CallFuture<never> {
  const settler = CallFuture.create<never>({ cancel: () => false });
  settler.fail(error);
  return settler.future;
}

/** A view of an executor with call options. Shutting the view down shuts down the executor. */
class ExecutorView extends BaseExecutor {
  static {
    inspectAs<ExecutorView>(this.prototype, (view, show) => `view of ${show(view.#target)}`);
  }

  readonly #target: ExecutorCalls;
  readonly #options: ResolvedCallOptions;

  constructor(target: ExecutorCalls, options: ResolvedCallOptions) {
    super(false);
    this.#target = target;
    this.#options = options;
  }

  protected override get callOptions(): ResolvedCallOptions {
    return this.#options;
  }

  get kind(): Executor["kind"] {
    return this.#target.kind;
  }

  protected get parallelism(): number {
    return this.#target.parallelism;
  }

  protected override get chunkMs(): number {
    return this.#target.chunkMs;
  }

  protected call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown> {
    return this.#target.call(options, fn, args);
  }

  protected callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    return this.#target.callChunk(options, fn, items);
  }

  protected callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown> {
    return this.#target.callStream(options, fn, args);
  }

  protected callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]> {
    return this.#target.callEach(options, fn, args);
  }

  protected whenReady(options: ResolvedCallOptions): Promise<void> {
    return this.#target.whenReady(options);
  }

  override get name(): string {
    return this.#target.name;
  }

  warmUp(workers?: number): Promise<void> {
    return this.#target.warmUp(workers);
  }

  override with(options: CallOptions): Executor {
    return new ExecutorView(this.#target, resolveCallOptions(options, this.#options));
  }

  stats(): ExecutorStats {
    return this.#target.stats();
  }

  shutdown(options?: ShutdownOptions): Promise<void> {
    return this.#target.shutdown(options);
  }
}
