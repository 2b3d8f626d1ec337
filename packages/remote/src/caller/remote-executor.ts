// RemoteExecutor: the contract of executors over hosts. caller.ts does the work.
import { type CallFuture, type CallTarget, checkOption, checkOptions, type ExecutorStats, integer, integerOrInfinity, InvalidOptionError, nameText, type OptionTable, requireOptions, resolveShutdownOptions, type ShutdownOptions } from "@offloop/workers/executor";
import { BaseExecutor, CallStream, type ChunkResult, delist, packNumbers, realWorld, type ResolvedCallOptions } from "@offloop/workers/pool";
import { type RemoteOptions, remoteOptionTypes, resolveRemoteOptions } from "../options/remote-options.js";
import { Caller } from "./caller.js";

/** Options of `RemoteExecutor`. The workers belong to the hosts, and so do their options. */
export interface RemoteExecutorOptions extends RemoteOptions {
  /**
   * The name of the executor in events and metrics.
   * @default the name of the transport: "bullmq", "memory"
   */
  name?: string | undefined;
  /**
   * The number of calls of this executor that may wait, beside those for which hosts have room. Other callers are not counted.
   * @default Infinity
   */
  maxQueue?: number | undefined;
}

const executorOptionTypes: OptionTable<RemoteExecutorOptions> = { ...remoteOptionTypes, name: nameText, maxQueue: integerOrInfinity(0) };

const hostOptions = ["minWorkers", "maxWorkers", "maxBlockedWorkers", "idleTimeoutMs", "closeTimeoutMs", "startTimeoutMs", "env", "execArgv", "maxHeapBytes", "recycleAboveHeapBytes", "maxTasksPerWorker", "maxWorkerAgeMs", "setup", "setupData", "teardown", "onOutput", "nice"];

/**
 * An executor whose calls run on other hosts. It has the whole contract: priorities, deadlines, cancellation in two
 * stages, retries, `map`, streams, progress, context and `fromThread`.
 *
 * A function crosses by name: it is an export of a module below `root`, and a host runs it if the host lists it. At
 * most once: if the host is lost, the call rejects with `WorkerCrashedError`. With `retries` the call runs again on
 * another host: at least once. A cancellation removes a queued call from the queue, and reaches a running call as it
 * does locally. `shutdown` waits for the pending calls and leaves the transport. Hosts go on.
 * @throws InvalidOptionError an option does not fit, or belongs to the hosts
 * @example
 * const executor = new RemoteExecutor({ transport, root: new URL("./", import.meta.url) });
 * const page = await executor.submit(render, "# Title");
 */
export class RemoteExecutor extends BaseExecutor {
  readonly kind: string;
  readonly #caller: Caller;
  readonly #name: string;
  #shutdown: Promise<void> | undefined;

  constructor(options: RemoteExecutorOptions) {
    super();
    const of = "new RemoteExecutor()";
    for (const name of hostOptions) {
      if ((requireOptions(of, options) as unknown as Record<string, unknown>)[name] !== undefined) throw new InvalidOptionError(name, `${name} of ${of} takes no value: the hosts have the workers. Give it to startHost(), as an option of its pool.`);
    }
    const { name, maxQueue = Infinity, ...given } = checkOptions(of, requireOptions(of, options), executorOptionTypes);
    const resolved = resolveRemoteOptions(of, given);
    this.kind = resolved.transport.name;
    this.#name = name ?? this.kind;
    this.#caller = new Caller(resolved, this.#name, maxQueue);
  }

  override get name(): string {
    return this.#name;
  }

  protected get parallelism(): number {
    return Math.max(1, this.#caller.connection.hosts.capacity);
  }

  protected override get chunkMs(): number {
    return this.#caller.roundTrip.chunkMs;
  }

  protected call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown> {
    return this.#caller.submit(fn, args, options, this.submit).future;
  }

  protected callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    return this.#caller.submit(fn, [packNumbers(items)], options, this.callChunk, { items: items.length }).future as CallFuture<ChunkResult<unknown>>;
  }

  protected callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown> {
    const onCancel = options.onCancel === "abandon" ? "wait" : options.onCancel; // a consumer that leaves waits for the generator's clean-up
    return new CallStream((stream) => {
      const call = this.#caller.submit(fn, args, { ...options, onCancel }, this.callStream, { stream });
      return { future: call.future, grant: (credits) => this.#caller.grant(call, credits) };
    });
  }

  protected callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]> {
    return this.#caller.submitToEach(fn, args, options, this.broadcast);
  }

  protected whenReady(options: ResolvedCallOptions): Promise<void> {
    return this.#caller.ready(options.signal);
  }

  /**
   * Starts workers on the hosts that are there, until they have `workers` of them together. Hosts cannot be started from here.
   * @param workers `undefined`: as many as the hosts can have
   * @throws WorkerStartError no host serves the queue, or a worker could not start
   */
  async warmUp(workers?: number): Promise<void> {
    if (workers !== undefined) checkOption("warmUp()", "workers", workers, integer(1));
    await this.#caller.warmUp(workers);
  }

  /** The calls of this executor, and the workers of all hosts as they were last told: with each answer, and each second. */
  stats(): ExecutorStats {
    this.#caller.connection.refresh();
    this.#caller.books.measureWaits();
    const { books, connection, rescue, waiting, running } = this.#caller;
    const { stats } = connection.hosts;
    return { ...books.counts, ...stats, maxWorkers: connection.hosts.capacity, wait: books.wait.read(), run: books.run.read(), queued: waiting, running, crashes: stats.crashes + rescue.lostHosts.size };
  }

  /**
   * Takes no more calls, lets the pending calls finish or cancels them, as the options say, and leaves the transport.
   * After `timeoutMs` the pending calls reject, and the hosts are told to end them. Hosts and transport stay open.
   */
  shutdown(options?: ShutdownOptions): Promise<void> {
    const { cancelPending, timeoutMs } = resolveShutdownOptions(options);
    const { books, rescue } = this.#caller;
    this.#caller.close();
    if (cancelPending) rescue.cancelWaiting();
    const timer = realWorld.after(timeoutMs, () => rescue.endAll());
    this.#shutdown ??= books.drained().then(() => this.#caller.leave()).then(() => delist(this));
    return this.#shutdown.finally(() => timer.stop());
  }
}
