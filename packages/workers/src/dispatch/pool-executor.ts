// PoolExecutor: the executor over a pool of workers of any kind. thread/, process/ and executors by third parties
// pass it a WorkerKind. Its engine does the work, and is loaded with the first pool.
import { BaseExecutor } from "../executor/base-executor.js";
import type { CallFuture } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { CallTarget } from "../executor/callable.js";
import type { ExecutorStats } from "../executor/executor.js";
import type { ChunkResult } from "../executor/map-calls.js";
import type { ShutdownOptions } from "../executor/shutdown-options.js";
import { delist } from "../executor/living.js";
import { loadEngine } from "./load-engine.js";
import type { PoolEngine } from "./pool-engine.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import type { WorkerKind } from "./worker-kind.js";

/**
 * An executor over workers of any kind: the base of `ThreadPoolExecutor` and `ProcessPoolExecutor`, and of
 * executors whose workers run elsewhere. It implements the whole contract: the queue with priorities, limits
 * and deadlines, retries, cancellation in two stages, streams, chunks of `map`, progress, the way back of
 * `fromThread`, context, events and statistics. The kind only starts workers and carries messages.
 *
 * A cancellation reaches the call through the worker's `requestCancel` and a message. If the call does not stop
 * within its `graceMs`, the executor kills the worker. `shutdown` closes each worker, and kills a worker that has
 * not ended after `closeTimeoutMs`.
 * @example
 * class TcpExecutor extends PoolExecutor {
 *   constructor(port: number, options: PoolOptions = {}) {
 *     super({ name: "tcp", start: (listener) => connect(port, listener) }, resolvePoolOptions(options));
 *   }
 * }
 * @see https://docs.python.org/3/library/concurrent.futures.html#executor-objects
 */
export class PoolExecutor extends BaseExecutor {
  readonly kind: string;
  protected readonly parallelism: number;
  readonly #engine: PoolEngine;
  readonly #name: string;

  /** @param options the result of `resolvePoolOptions` */
  constructor(kind: WorkerKind, options: ResolvedPoolOptions) {
    super();
    this.kind = kind.name;
    this.#name = options.name ?? kind.name;
    this.parallelism = options.maxWorkers;
    this.#engine = new (loadEngine().PoolEngine)(kind, options);
  }

  override get name(): string {
    return this.#name;
  }

  protected call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown> {
    return this.#engine.call(options, fn, args, this.submit);
  }

  protected callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    return this.#engine.callChunk(options, fn, items, this.callChunk);
  }

  protected callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown> {
    return this.#engine.callStream(options, fn, args, this.callStream);
  }

  protected callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]> {
    return this.#engine.callEach(options, fn, args, this.broadcast);
  }

  protected whenReady(options: ResolvedCallOptions): Promise<void> {
    return this.#engine.whenReady(options.signal);
  }

  warmUp(workers = this.parallelism): Promise<void> {
    return this.#engine.warmUp(workers);
  }

  stats(): ExecutorStats {
    return this.#engine.stats();
  }

  /**
   * Takes no more calls, lets the pending calls finish or cancels them, as the options say, and ends the workers.
   * The promise resolves when the last worker has ended. A second call waits for the same end.
   */
  async shutdown(options?: ShutdownOptions): Promise<void> {
    await this.#engine.shutdown(options);
    delist(this);
  }
}
