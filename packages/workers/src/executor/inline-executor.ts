// InlineExecutor: runs each call on the calling thread, in a microtask of its own. For tests of code
// that takes an executor, and where there are no threads. The contract is that of the pools, but for
// one thing that no thread can do to itself: interrupt a synchronous function.
import { AsyncLocalStorage } from "node:async_hooks";
import { BaseExecutor } from "./base-executor.js";
import { CallFuture, type CallSettler } from "./call-future.js";
import type { ResolvedCallOptions } from "./call-options.js";
import { CallTimeoutError, CancelledError, ExecutorShutdownError, FunctionTravelError } from "./errors.js";
import type { Callable, ExecutorStats, ShutdownOptions, TaskReference } from "./executor.js";
import type { ChunkResult } from "./map-calls.js";
import { captureContext, enterContext } from "./propagate.js";
import { runChunk } from "./run-chunk.js";
import { onAbort } from "./signal-hub.js";
import { addTaskContextSource, type TaskContext } from "./task-context.js";

/** Runs calls in place. `kind` is `"inline"`; arguments and results are shared, not copied. */
export class InlineExecutor extends BaseExecutor {
  readonly kind = "inline";
  readonly parallelism = 1;
  readonly #calls = new Set<InlineCall>();
  readonly #counts = { submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0 };
  #open = true;

  constructor() {
    super();
    if (!isSource) addTaskContextSource(() => currentCall.getStore());
    isSource = true;
  }

  call(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): CallFuture<unknown> {
    const name = options.name ?? nameOf(fn);
    const call = new InlineCall(options, name, (ended) => {
      const { state } = ended.settler.future;
      if (this.#calls.delete(ended) && state !== "pending") this.#counts[state] += 1;
    });
    this.#counts.submitted += 1;
    this.#calls.add(call);
    if (this.#open) call.start(fn, args);
    else call.fail(new ExecutorShutdownError());
    return call.settler.future;
  }

  callChunk(options: ResolvedCallOptions, fn: Callable<never[], unknown>, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    const run = async (): Promise<ChunkResult<unknown>> => {
      const target = typeof fn === "function" ? fn : await importFunction(fn);
      return runChunk(target as (item: unknown) => unknown, items, () => currentCall.getStore()!.throwIfCancelled());
    };
    return this.call({ ...options, name: options.name ?? nameOf(fn) }, run, []) as CallFuture<ChunkResult<unknown>>;
  }

  async *callStream(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): AsyncGenerator<unknown, unknown, void> {
    const returned = (await this.call(options, fn, args)) as AsyncIterable<unknown> | Iterable<unknown> | undefined;
    if (!isIterable(returned)) throw new TypeError("stream() needs a generator function, or one that returns an iterable; this one returned neither");
    return yield* returned as AsyncIterable<unknown>;
  }

  async callEach(options: ResolvedCallOptions, fn: Callable<never[], unknown>, args: unknown[]): Promise<CallFuture<unknown>[]> {
    return [this.call(options, fn, args)];
  }

  async warmUp(): Promise<void> {}

  stats(): ExecutorStats {
    const running = this.#calls.size;
    return {
      workers: 1,
      idleWorkers: running === 0 ? 1 : 0,
      startingWorkers: 0,
      queued: 0,
      running,
      ...this.#counts,
      crashes: 0,
      workersStarted: 0,
    };
  }

  async shutdown({ cancelPending = false, timeoutMs = Infinity }: ShutdownOptions = {}): Promise<void> {
    this.#open = false;
    const cancelAll = (): void => {
      for (const call of this.#calls) call.cancel("the executor was shut down");
    };
    if (cancelPending) cancelAll();
    const timer = Number.isFinite(timeoutMs) ? setTimeout(cancelAll, timeoutMs) : undefined;
    await Promise.allSettled([...this.#calls].map((call) => call.settler.future));
    clearTimeout(timer);
  }
}

/** One call: its own task context, its own deadline, its own end. */
class InlineCall implements TaskContext {
  readonly workerId = 0;
  readonly setup = undefined;
  readonly name: string;
  readonly settler: CallSettler<unknown>;
  readonly #options: ResolvedCallOptions;
  readonly #abort = new AbortController();
  readonly #ended: (call: InlineCall) => void;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;

  constructor(options: ResolvedCallOptions, name: string, ended: (call: InlineCall) => void) {
    this.name = name;
    this.#options = options;
    this.#ended = ended;
    this.settler = CallFuture.create<unknown>(this);
  }

  get cancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw this.#abort.signal.reason;
  }

  progress(value: unknown): void {
    (this.#options.onProgress as ((value: unknown) => void) | undefined)?.(value);
  }

  start(fn: Callable<never[], unknown>, args: unknown[]): void {
    const { signal, runTimeoutMs } = this.#options;
    if (signal?.aborted) this.cancel(signal.reason);
    else if (signal !== undefined) this.#unlisten = onAbort(signal, () => this.cancel(signal.reason));
    if (Number.isFinite(runTimeoutMs)) {
      this.#timer = setTimeout(() => this.#stop(new CallTimeoutError("run", runTimeoutMs, this.name), "rejected"), runTimeoutMs);
    }
    void this.#run(fn, args);
  }

  cancel(reason: unknown): boolean {
    this.#stop(new CancelledError(`${this.name} was cancelled`, { cause: reason }), "cancelled");
    return true;
  }

  fail(error: unknown, state: "rejected" | "cancelled" = "rejected"): void {
    this.settler.fail(error, state);
    this.#end();
  }

  async #run(fn: Callable<never[], unknown>, args: unknown[]): Promise<void> {
    const context = captureContext(this.#options.context);
    await this.#options.limiter?.acquire();
    if (this.cancelled) this.#options.limiter?.release();
    if (this.cancelled) return this.#options.onCancel === "wait" ? this.fail(this.signal.reason, "cancelled") : undefined;
    try {
      const target = typeof fn === "function" ? fn : await importFunction(fn);
      const value = await currentCall.run(this, () => enterContext(context, () => Reflect.apply(target, undefined, args)));
      this.settler.fulfil(value);
      this.#end();
    } catch (error) {
      this.fail(error, this.cancelled ? "cancelled" : "rejected");
    } finally {
      this.#options.limiter?.release();
    }
  }

  #stop(error: Error, state: "rejected" | "cancelled"): void {
    if (this.cancelled) return;
    this.#abort.abort(error);
    if (this.#options.onCancel !== "wait") this.fail(error, state);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#unlisten?.();
    this.#ended(this);
  }}

const currentCall = new AsyncLocalStorage<TaskContext>();
let isSource = false;

function isIterable(value: unknown): boolean {
  return value !== null && value !== undefined && (Symbol.asyncIterator in Object(value) || Symbol.iterator in Object(value));
}

function nameOf(fn: Callable<never[], unknown>): string {
  return typeof fn === "function" ? fn.name || "(anonymous)" : String(fn?.export);
}

async function importFunction(reference: TaskReference): Promise<(...args: unknown[]) => unknown> {
  if (typeof reference?.module !== "string") throw new FunctionTravelError(`A call needs a function, or a reference made by workerModule(); got ${typeof reference}.`);
  let holder: unknown;
  let value: unknown = await import(reference.module);
  const keys = reference.export.split(".");
  for (const key of keys) [holder, value] = [value, (value as Record<string, unknown> | undefined)?.[key]];
  // A method keeps its object, as it does on a worker.
  if (typeof value === "function") return (keys.length > 1 ? value.bind(holder) : value) as (...args: unknown[]) => unknown;
  throw new FunctionTravelError(`${reference.module} exports no function ${reference.export}. Check the name in workerModule() or task().`);
}
