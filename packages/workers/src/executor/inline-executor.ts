// InlineExecutor: runs each call on the calling thread, in its own microtask. It is for tests of code that takes an
// executor, and for systems without threads. It keeps the contract of the pools with one exception: a thread cannot
// interrupt its own synchronous function.
import { AsyncLocalStorage } from "node:async_hooks";
import { BaseExecutor } from "./base-executor.js";
import { callBackAs, captureCaller, runAs } from "./caller-context.js";
import { checkOption, integer } from "./check-options.js";
import { isThenable, iteratorOf, nameOfCallee, noFunction } from "./callee.js";
import { announce } from "./announce.js";
import { nextCallId } from "./call-id.js";
import { type CallEvent, type CallTimes, channels } from "./channels.js";
import { DurationTotals } from "./duration-totals.js";
import { delist } from "./living.js";
import { now } from "./real-time.js";
import { CallFuture, settled, type CallSettler } from "./call-future.js";
import type { ResolvedCallOptions } from "./call-options.js";
import { CallTimeoutError, CancelledError, ExecutorShutdownError, FunctionTravelError, isCancellation } from "./errors.js";
import type { CallTarget, ModuleExport } from "./callable.js";
import type { ExecutorStats } from "./executor.js";
import type { ChunkResult } from "./map-calls.js";
import { addWayBack, type WayBack } from "./from-thread.js";
import { mainHost } from "./main-host.js";
import { captureContext, enterContext } from "./propagate.js";
import { InlineStream, type OpenStream } from "./inline-stream.js";
import { inRoot } from "./root-context.js";
import { runChunk } from "./run-chunk.js";
import { resolveShutdownOptions, type ShutdownOptions } from "./shutdown-options.js";
import { onAbort } from "./signal-hub.js";
import { addTaskContextSource, type TaskContext } from "./task-context.js";
import { LongTimer } from "./timer.js";

/** Runs calls on the calling thread. `kind` is `"inline"`. Arguments and results are shared, not copied. */
export class InlineExecutor extends BaseExecutor {
  readonly kind = "inline";
  protected readonly parallelism = 1;
  readonly #calls = new Set<InlineCall>();
  readonly #counts = { submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0 };
  readonly #wait = new DurationTotals();
  readonly #run = new DurationTotals();
  readonly #madeAt = now();
  /** The time in which it had a call, without the present one. */
  #busyMs = 0;
  #busySince = 0;
  #open = true;

  constructor() {
    super();
    if (!isSource) {
      addTaskContextSource(() => currentCall.getStore());
      addWayBack(() => (currentCall.getStore() === undefined ? undefined : inPlace));
    }
    isSource = true;
  }

  protected call(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): CallFuture<unknown> {
    const name = options.name ?? nameOfCallee(fn);
    const id = nextCallId();
    const make = (): CallFuture<unknown> => {
      const call = new InlineCall(options, name, id, this.#hasEnded);
      this.#counts.submitted += 1;
      if (this.#calls.size === 0) this.#busySince = now();
      this.#calls.add(call);
      if (this.#open) call.start(fn, args);
      else call.fail(new ExecutorShutdownError());
      return call.settler.future;
    };
    return channels.callSubmitted.hasSubscribers ? announce({ callId: id, callName: name, executor: this.kind, executorName: this.name }, make) : make();
  }

  /** Made outside of `call`, whose scope has the arguments: a call keeps this function as long as it waits. */
  readonly #hasEnded = (call: InlineCall): boolean => this.#ended(call);

  /** @returns `false`: it had ended before */
  #ended(call: InlineCall): boolean {
    const { state } = call.settler.future;
    if (!this.#calls.delete(call) || state === "pending") return false;
    this.#counts[state] += 1;
    if (this.#calls.size === 0) this.#busyMs += now() - this.#busySince;
    const { queuedMs, runMs } = call.times;
    if (runMs !== undefined) {
      this.#wait.add(queuedMs!);
      this.#run.add(runMs);
    }
    return true;
  }

  protected callChunk(options: ResolvedCallOptions, fn: CallTarget, items: unknown[]): CallFuture<ChunkResult<unknown>> {
    const run = async (): Promise<ChunkResult<unknown>> => {
      const target = typeof fn === "function" ? fn : await importFunction(fn);
      return runChunk(target as (item: unknown) => unknown, items, () => currentCall.getStore()!.throwIfCancelled());
    };
    return this.call({ ...options, name: options.name ?? nameOfCallee(fn) }, run, []) as CallFuture<ChunkResult<unknown>>;
  }

  protected callStream(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): AsyncIterableIterator<unknown> {
    return new InlineStream(() => {
      let end!: (failed?: { readonly error: unknown }) => void;
      const ended = new Promise<{ readonly error: unknown } | undefined>((resolve) => (end = resolve));
      let open!: (stream: OpenStream) => void;
      const opened = new Promise<OpenStream>((resolve) => (open = resolve));
      const future = this.call({ ...options, name: options.name ?? nameOfCallee(fn) }, async () => {
        const target = typeof fn === "function" ? (fn as (...args: unknown[]) => unknown) : await importFunction(fn);
        open({ iterator: iteratorOf(await target(...args)), inside: AsyncLocalStorage.snapshot() });
        // A stream that is cancelled ends at its step, also if nobody asks for one.
        const { signal } = currentCall.getStore()!;
        signal.addEventListener("abort", () => end({ error: signal.reason }), { once: true });
        const failed = await ended;
        if (failed !== undefined) throw failed.error;
      }, []);
      return { future, opened, end };
    });
  }

  protected async callEach(options: ResolvedCallOptions, fn: CallTarget, args: unknown[]): Promise<CallFuture<unknown>[]> {
    return [this.call(options, fn, args)];
  }

  protected async whenReady(options: ResolvedCallOptions): Promise<void> {
    const { signal } = options;
    if (!this.#open) throw new ExecutorShutdownError();
    if (signal?.aborted) throw new CancelledError("ready() was cancelled", { cause: signal.reason });
  }

  async warmUp(workers = 1): Promise<void> {
    checkOption("warmUp()", "workers", workers, integer(1));
    if (!this.#open) throw new ExecutorShutdownError();
  }

  stats(): ExecutorStats {
    const running = this.#calls.size;
    return {
      maxWorkers: 1,
      workers: 1,
      idleWorkers: running === 0 ? 1 : 0,
      startingWorkers: 0,
      queued: 0,
      running,
      ...this.#counts,
      crashes: 0,
      workersStarted: 0,
      wait: this.#wait.read(),
      run: this.#run.read(),
      utilization: (this.#busyMs + (running === 0 ? 0 : now() - this.#busySince)) / Math.max(now() - this.#madeAt, Number.MIN_VALUE),
    };
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const { cancelPending, timeoutMs } = resolveShutdownOptions(options);
    this.#open = false;
    const cancelAll = (): void => {
      for (const call of this.#calls) call.cancel("the executor was shut down");
    };
    if (cancelPending) cancelAll();
    const timer = new LongTimer(timeoutMs, () => this.#calls.forEach((call) => call.abandon("the executor was shut down")), true);
    await Promise.allSettled([...this.#calls].map((call) => settled(call.settler.future)));
    timer.stop();
    delist(this);
  }
}

/** One call, with its task context and its deadlines. */
class InlineCall implements TaskContext {
  readonly workerId = 0;
  readonly setup = undefined;
  readonly name: string;
  readonly #id: number;
  readonly #submittedAt = now();
  /** When the limiter gave room, so that the function runs. */
  #begunAt: number | undefined;
  readonly settler: CallSettler<unknown>;
  /** Callbacks run in it, and what the function asks for by `fromThread`. */
  readonly caller = captureCaller();
  readonly #options: ResolvedCallOptions;
  readonly #abort = new AbortController();
  /** @returns whether it has not ended before */
  readonly #ended: (call: InlineCall) => boolean;
  /** Until the function runs. A call that has ended before keeps neither its function nor its arguments, though its limiter may never give room. */
  #work: { readonly fn: CallTarget; readonly args: unknown[] } | undefined;
  #timer: LongTimer | undefined;
  #unlisten: (() => void) | undefined;

  constructor(options: ResolvedCallOptions, name: string, id: number, ended: (call: InlineCall) => boolean) {
    this.name = name;
    this.#id = id;
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
    const { onProgress } = this.#options;
    if (onProgress !== undefined) callBackAs(this.caller, onProgress, value as never);
  }

  start(fn: CallTarget, args: unknown[]): void {
    this.#work = { fn, args };
    const { limiter, queueTimeoutMs, signal } = this.#options;
    if (signal?.aborted) this.cancel(signal.reason);
    else if (signal !== undefined) this.#unlisten = onAbort(signal, () => this.cancel(signal.reason));
    if (limiter !== undefined) this.#limit("queue", queueTimeoutMs);
    void this.#run();
  }

  cancel(reason: unknown): boolean {
    this.#stop(new CancelledError(`${this.name} was cancelled`, { cause: reason }));
    return true;
  }

  /** As `cancel`, whatever its `onCancel`. */
  abandon(reason: unknown): void {
    this.cancel(reason);
    this.fail(this.signal.reason);
  }

  fail(error: unknown): void {
    this.settler.fail(error, isCancellation(error) ? "cancelled" : "rejected");
    this.#end(error);
  }

  /** How long it has waited for its limiter, and run, until now. */
  get times(): CallTimes {
    const at = now();
    return { queuedMs: (this.#begunAt ?? at) - this.#submittedAt, runMs: this.#begunAt === undefined ? undefined : at - this.#begunAt };
  }

  get #event(): CallEvent {
    return { callId: this.#id, callName: this.name, executor: "inline", executorName: "inline" };
  }

  async #run(): Promise<void> {
    const { limiter, runTimeoutMs } = this.#options;
    let context;
    try {
      context = captureContext(this.#options.context);
      await limiter?.acquire();
    } catch (error) {
      return this.fail(error);
    }
    try {
      this.throwIfCancelled();
      const { fn, args } = this.#work!;
      this.#work = undefined;
      this.#timer?.stop();
      this.#begunAt = now();
      if (channels.callSent.hasSubscribers) runAs(this.caller, () => channels.callSent.publish({ ...this.#event, workerId: 0, envelopeSize: 1, queuedMs: this.times.queuedMs }));
      this.#limit("run", runTimeoutMs);
      const target = typeof fn === "function" ? fn : await importFunction(fn);
      const value = await currentCall.run(this, () => enterContext(context, () => Reflect.apply(target, undefined, args)));
      this.settler.fulfil(value);
      this.#end();
    } catch (error) {
      this.fail(this.cancelled ? this.signal.reason : error);
    } finally {
      if (limiter !== undefined) callBackAs(this.caller, () => limiter.release());
    }
  }

  #limit(phase: "queue" | "run", ms: number): void {
    if (Number.isFinite(ms)) this.#timer = new LongTimer(ms, () => this.#stop(new CallTimeoutError(phase, ms, this.name)), true);
  }

  #stop(error: Error): void {
    if (this.cancelled) return;
    this.#abort.abort(error);
    if (this.#begunAt === undefined || this.#options.onCancel !== "wait") this.fail(error);
  }

  /** @param error with which it has failed */
  #end(error?: unknown): void {
    this.#timer?.stop();
    this.#unlisten?.();
    this.#work = undefined;
    const { state } = this.settler.future;
    if (!this.#ended(this) || state === "pending" || !channels.callSettled.hasSubscribers) return;
    runAs(this.caller, () => channels.callSettled.publish({ ...this.#event, ...this.times, host: undefined, outcome: state, ...(error === undefined ? {} : { error }) }));
  }
}

const currentCall = new AsyncLocalStorage<InlineCall | undefined>();

/** The way back of an inline call. The functions that it requests run outside the call. */
const inPlace: WayBack = {
  call(fn, args) {
    const { signal } = currentCall.getStore()!;
    if (signal.aborted) return rejected(signal.reason);
    const { outcome, cancel } = outside((run) => mainHost().run(nameOfCallee(fn), run), fn, args);
    const stop = (reason: unknown): boolean => {
      cancel(reason);
      settler.fail(isCancellation(reason) ? reason : new CancelledError(`${nameOfCallee(fn)} was cancelled`, { cause: reason }), "cancelled");
      return true;
    };
    const settler = CallFuture.create<unknown>({ cancel: stop });
    settled(settler.future).catch(() => {}); // an unawaited failure is dropped, as on a worker
    const unlisten = onAbort(signal, () => void stop(signal.reason));
    outcome.then(
      (value) => settler.fulfil(value),
      (error: unknown) => settler.fail(error, isCancellation(error) ? "cancelled" : "rejected"),
    ).then(unlisten, unlisten);
    return settler.future;
  },
  callSync(fn, args) {
    if (typeof fn !== "function") throw new FunctionTravelError("fromThread.sync() on an InlineExecutor cannot load a module, because loading is asynchronous. Pass the function itself, or await fromThread().");
    const value: unknown = outside((run) => run(), fn, args);
    if (isThenable(value)) throw new Error(`fromThread.sync() on an InlineExecutor cannot wait for ${nameOfCallee(fn)}, because it is asynchronous. Await fromThread() instead.`);
    return value;
  },
  callSoon: (fn, args) => outside((run) => mainHost().schedule(run), fn, args),
};

function rejected(error: unknown): CallFuture<unknown> {
  const settler = CallFuture.create<unknown>({ cancel: () => false });
  settled(settler.future).catch(() => {});
  settler.fail(error, "cancelled");
  return settler.future;
}

/** Outside the call, in the context of its caller. Propagated values are those that the call has now, as on a worker. */
function outside<R>(start: (run: () => unknown) => R, fn: CallTarget, args: unknown[]): R {
  const values = captureContext(undefined);
  const run = (): unknown => (typeof fn === "function" ? Reflect.apply(fn, undefined, args) : importFunction(fn).then((found) => found(...args)));
  return runAs(currentCall.getStore()!.caller, () => start(() => enterContext(values, run)));
}

let isSource = false;

async function importFunction(reference: ModuleExport): Promise<(...args: unknown[]) => unknown> {
  if (typeof reference?.module !== "string") throw noFunction(reference);
  let holder: unknown;
  let value: unknown = await inRoot(() => import(reference.module) as Promise<unknown>);
  const keys = reference.export.split(".");
  for (const key of keys) [holder, value] = [value, (value as Record<string, unknown> | undefined)?.[key]];
  // A method keeps its object, as it does on a worker.
  if (typeof value === "function") return (keys.length > 1 ? value.bind(holder) : value) as (...args: unknown[]) => unknown;
  throw new FunctionTravelError(`${reference.module} exports no function ${reference.export}. Check the name in workerModule() or task().`);
}
