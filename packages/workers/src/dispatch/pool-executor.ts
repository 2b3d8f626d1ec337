// PoolExecutor: the executor over a pool of workers, whatever their kind. thread/, process/ and executors of
// others give it a WorkerKind. It turns functions into entries and calls into records, and hands them to the
// dispatcher.
import { BaseExecutor } from "../executor/base-executor.js";
import { nameOfCallee } from "../executor/callee.js";
import type { CallFuture } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { Callable, ExecutorStats, ShutdownOptions } from "../executor/executor.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { packNumbers } from "../executor/run-chunk.js";
import { isLocatedForGood, locateFunction } from "../function/leaving/locate-function.js";
import type { FunctionPayload, LocatedFunction } from "../protocol/function-payload.js";
import { leaving, type TravelRules } from "../protocol/travel-rules.js";
import { Call } from "./call.js";
import { CallStream } from "./call-stream.js";
import { Dispatcher } from "./dispatcher.js";
import { FunctionEntry } from "./function-entry.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import type { WorkerKind } from "./worker-channel.js";

/**
 * An executor over workers of any kind: the base of `ThreadPoolExecutor` and `ProcessPoolExecutor`, and of
 * executors whose workers are somewhere else. It has the whole contract: the queue with priorities, limits
 * and deadlines, retries, cancellation in two stages, streams, chunks of `map`, progress, the way back of
 * `fromThread`, context, events and figures. The kind only starts workers and carries messages.
 *
 * A cancelled call is told through the channel's `requestCancel` and a message; a call that does not stop in
 * its `graceMs` ends its worker by `kill`. `shutdown` closes each worker, and kills those that are not gone
 * after `closeTimeoutMs`.
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
  readonly parallelism: number;
  readonly #travel: TravelRules | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #entries = new WeakMap<FunctionPayload, FunctionEntry>();
  /** The entries of functions whose calls all travel alike. */
  readonly #settled = new WeakMap<object, FunctionEntry>();

  /** @param options what `resolvePoolOptions` gave */
  constructor(kind: WorkerKind, options: ResolvedPoolOptions) {
    super();
    this.kind = kind.name;
    this.#travel = kind.travel;
    this.parallelism = options.maxWorkers;
    this.#dispatcher = new Dispatcher(kind, options);
  }

  call(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): CallFuture<unknown> {
    const call = this.#call(fn, args, options, this.submit);
    this.#dispatcher.submit(call, this.#locate(fn, call));
    return call.future;
  }

  callChunk(options: ResolvedCallOptions, fn: Callable<never[], unknown>, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    const call = this.#call(fn, [packNumbers(items)], options, this.callChunk);
    call.items = items.length;
    this.#dispatcher.submit(call, this.#locate(fn, call));
    return call.future as CallFuture<ChunkResult<unknown>>;
  }

  callStream(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): AsyncIterableIterator<unknown> {
    // The consumer that leaves waits for the generator's clean-up; an `abandon` would cut it off.
    const onCancel = options.onCancel === "abandon" ? "wait" : options.onCancel;
    return new CallStream((stream) => {
      const call = this.#call(fn, args, { ...options, onCancel }, this.callStream);
      call.stream = stream;
      this.#dispatcher.submit(call, this.#locate(fn, call));
      return { future: call.future, grant: (credits) => call.lane?.grant(call, credits) };
    });
  }

  async callEach(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): Promise<CallFuture<unknown>[]> {
    const located = await locateFunction(fn);
    const makeCall = (): Call => {
      const call = this.#call(fn, args, options, this.broadcast);
      if (located.captures !== undefined) call.captures = located.captures;
      return call;
    };
    return this.#dispatcher.submitToEach(this.#entry(located, fn), makeCall).map((call) => call.future);
  }

  whenReady({ signal }: ResolvedCallOptions): Promise<void> {
    return this.#dispatcher.ready(signal);
  }

  warmUp(workers = this.parallelism): Promise<void> {
    return this.#dispatcher.warmUp(workers);
  }

  stats(): ExecutorStats {
    const { fleet, waiting, running, books } = this.#dispatcher;
    const all = [...fleet.lanes];
    return {
      workers: all.filter((lane) => lane.awake).length,
      idleWorkers: all.filter((lane) => lane.awake && lane.idle).length,
      startingWorkers: all.filter((lane) => lane.phase === "starting").length,
      queued: waiting,
      running,
      ...books.counts,
      workersStarted: fleet.started,
    };
  }

  /**
   * Takes no more calls, lets those that it has finish (or cancels them, as the options say), and
   * ends the workers. Later calls of it wait for the same end.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    await this.#dispatcher.shutdown(options);
  }

  #call(fn: Callable<never[], unknown>, args: unknown[], options: ResolvedCallOptions, above: (...args: never[]) => unknown): Call {
    return new Call(fn, args, options, this.#dispatcher, above);
  }

  #locate(fn: Callable<never[], unknown>, call: Call): FunctionEntry | Promise<FunctionEntry> {
    const settled = this.#settled.get(fn);
    if (settled !== undefined) return settled;
    this.#dispatcher.expect(call);
    try {
      const located = locateFunction(fn);
      return located instanceof Promise ? located.then((found) => this.#take(found, fn, call)) : this.#take(located, fn, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #take(located: LocatedFunction, fn: Callable<never[], unknown>, call: Call): FunctionEntry {
    if (located.captures !== undefined) call.captures = located.captures;
    return this.#entry(located, fn);
  }

  #entry({ payload }: LocatedFunction, fn: Callable<never[], unknown>): FunctionEntry {
    let entry = this.#entries.get(payload);
    if (entry === undefined) this.#entries.set(payload, (entry = new FunctionEntry(nameOfCallee(fn), leaving(payload, this.#travel))));
    if (isLocatedForGood(fn)) this.#settled.set(fn, entry);
    return entry;
  }
}
