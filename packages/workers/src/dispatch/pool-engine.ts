// The engine of a PoolExecutor: turns functions into profiles and calls into records, and hands both to the
// dispatcher. A program loads it with its first pool, not with the package.
//
//   dispatch/pool-executor.ts ── calls ──▶ PoolEngine ──▶ dispatch/dispatcher.ts
import { types } from "node:util";
import { nameOfCallee } from "../executor/callee.js";
import { channels } from "../executor/channels.js";
import { noteCallers } from "../executor/callers.js";
import type { CallFuture } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { CallTarget } from "../executor/callable.js";
import type { ExecutorStats } from "../executor/executor.js";
import type { ShutdownOptions } from "../executor/shutdown-options.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { packNumbers } from "../executor/run-chunk.js";
import { isLocatedForGood, locateFunction } from "../function/leaving/locate-function.js";
import type { FunctionPayload, LocatedFunction } from "../protocol/function-payload.js";
import { leaving, type TravelRules } from "../protocol/travel-rules.js";
import { Call } from "./call.js";
import { CallStream } from "./call-stream.js";
import { Dispatcher } from "./dispatcher.js";
import { FunctionProfile } from "./function-profile.js";
import { type PoolState, publishPool, workerStates } from "./publish-pools.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import type { WorkerKind } from "./worker-kind.js";

/** The function whose callers are the recorded stack. */
type Above = (...args: never[]) => unknown;

export class PoolEngine {
  readonly #travel: TravelRules | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #maxWorkers: number;
  readonly #profiles = new WeakMap<FunctionPayload, FunctionProfile>();
  /** The profiles of functions whose payload never changes. */
  readonly #settled = new WeakMap<object, FunctionProfile>();

  constructor(kind: WorkerKind, options: ResolvedPoolOptions) {
    this.#travel = kind.travel;
    this.#dispatcher = new Dispatcher(kind, options);
    this.#maxWorkers = options.maxWorkers;
    publishPool(this);
  }

  /** For tools that look into the process. */
  state(): PoolState {
    const { fleet, waiting, books } = this.#dispatcher;
    const { fulfilled, rejected, cancelled } = books.counts;
    return { kind: fleet.kind.name, name: fleet.name, maxWorkers: this.#maxWorkers, queued: waiting, settled: fulfilled + rejected + cancelled, workers: workerStates(fleet) };
  }

  call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[], above: Above): CallFuture<unknown> {
    const call = this.#record(fn, args, options, above);
    this.#dispatcher.submit(call, this.#locate(fn, call));
    return call.future;
  }

  /** Makes the record of a call. */
  #record(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above): Call {
    const { books } = this.#dispatcher;
    if (!channels.callSubmitted.hasSubscribers) return new Call(fn, args, options, this.#dispatcher, above);
    return books.make(() => options.name ?? nameOfCallee(fn), (id) => new Call(fn, args, options, this.#dispatcher, above, id));
  }

  callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[], above: Above): CallFuture<ChunkResult<unknown>> {
    const call = this.#record(fn, [packNumbers(items)], options, above);
    call.items = items.length;
    this.#dispatcher.submit(call, this.#locate(fn, call));
    return call.future as CallFuture<ChunkResult<unknown>>;
  }

  callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[], above: Above): AsyncIterableIterator<unknown> {
    // A consumer that leaves waits for the generator's clean-up. With `abandon`, the future would settle before it.
    const onCancel = options.onCancel === "abandon" ? "wait" : options.onCancel;
    return new CallStream((stream) => {
      const call = this.#record(fn, args, { ...options, onCancel }, above);
      call.stream = stream;
      this.#dispatcher.submit(call, this.#locate(fn, call));
      return { future: call.future, grant: (credits) => call.lane?.grant(call, credits) };
    }, options.far?.streamWindow);
  }

  async callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[], above: Above): Promise<CallFuture<unknown>[]> {
    noteCallers(fn);
    const located = await locateFunction(fn);
    const makeCall = (): Call => {
      const call = this.#record(fn, args, options, above);
      if (located.captures !== undefined) call.captures = located.captures;
      return call;
    };
    return this.#dispatcher.submitToEach(this.#profile(located, fn), makeCall).map((call) => call.future);
  }

  whenReady(signal: AbortSignal | undefined): Promise<void> {
    return this.#dispatcher.ready(signal);
  }

  warmUp(workers: number): Promise<void> {
    return this.#dispatcher.warmUp(workers);
  }

  stats(): ExecutorStats {
    const { fleet, waiting, running, books } = this.#dispatcher;
    books.measureWaits();
    const all = [...fleet.lanes];
    return {
      maxWorkers: this.#maxWorkers,
      workers: all.filter((lane) => lane.awake).length,
      idleWorkers: all.filter((lane) => lane.awake && lane.idle).length,
      startingWorkers: all.filter((lane) => lane.phase === "starting").length,
      queued: waiting,
      running,
      ...books.counts,
      workersStarted: fleet.started,
      wait: books.wait.read(),
      run: books.run.read(),
      utilization: fleet.utilization,
    };
  }

  shutdown(options: ShutdownOptions | undefined): Promise<void> {
    return this.#dispatcher.shutdown(options);
  }

  #locate(fn: CallTarget, call: Call): FunctionProfile | Promise<FunctionProfile> {
    const settled = this.#settled.get(fn);
    if (settled !== undefined) return settled;
    this.#dispatcher.expect(call);
    noteCallers(fn);
    try {
      const located = locateFunction(fn);
      return types.isPromise(located) ? located.then((found) => this.#take(found, fn, call)) : this.#take(located, fn, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #take(located: LocatedFunction, fn: CallTarget, call: Call): FunctionProfile {
    if (located.captures !== undefined) call.captures = located.captures;
    return this.#profile(located, fn);
  }

  #profile({ payload }: LocatedFunction, fn: CallTarget): FunctionProfile {
    let profile = this.#profiles.get(payload);
    if (profile === undefined) this.#profiles.set(payload, (profile = new FunctionProfile(nameOfCallee(fn), leaving(payload, this.#travel))));
    if (isLocatedForGood(fn)) this.#settled.set(fn, profile);
    return profile;
  }
}
