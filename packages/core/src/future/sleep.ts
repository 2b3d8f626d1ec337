// sleep(): a pause that can be cancelled.
import { abortSignal, anything, checkOption, checkOptions, number, onAbort, type OptionTable } from "@offloop/workers/executor";
import type { HandleDescription } from "../loop/job.js";
import type { Job } from "../loop/job.js";
import { currentStrand, type Strand, type Wait } from "../loop/strand.js";
import { Future } from "./future.js";
import { orReject } from "./or-reject.js";
import { warnOfSeconds } from "./short-delay.js";

/** Options of `sleep`. */
export interface SleepOptions<T = undefined> {
  /** Cancels the sleep when it fires. Its reason is the `cause` of the `CancelledError`. @default none */
  signal?: AbortSignal | undefined;
  /** The result of the sleep. @default undefined */
  result?: T | undefined;
}

const sleepOptionTypes: OptionTable<SleepOptions<unknown>> = { signal: abortSignal, result: anything };

/**
 * Resolves after `delayMs`. With 0 or less, the tasks that are ready run first.
 *
 * Its `cancel()`, the cancellation of the task that awaits it, and its `signal` end it with `CancelledError`.
 * @param delayMs milliseconds
 * @throws (by rejection) InvalidOptionError
 * @example
 * await sleep(200);
 * await sleep(200, { signal });
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
 */
export function sleep(delayMs: number, options?: SleepOptions): Future<undefined>;
/** The same, with `options.result` as its result. */
export function sleep<T>(delayMs: number, options: SleepOptions<T>): Future<T>;
export function sleep<T>(delayMs: number, options?: SleepOptions<T>): Future<T | undefined> {
  if (options === undefined && typeof delayMs === "number" && delayMs <= 0) return pause(undefined);
  return orReject(() => {
    checkOption("sleep()", "delayMs", delayMs, number);
    warnOfSeconds("sleep()", delayMs);
    const { signal, result } = checkOptions("sleep()", options, sleepOptionTypes as OptionTable<SleepOptions<T>>);
    const sleeping = delayMs > 0 ? new Sleep(delayMs, result) : pause(result);
    if (signal !== undefined) cancelBy(signal, sleeping);
    return sleeping;
  });
}

function pause<T>(result: T): Future<T> {
  const strand = currentStrand();
  return strand === undefined || strand.task.done() ? new Pause(result) : new Yield(result);
}

function cancelBy(signal: AbortSignal, sleeping: Future<unknown>): void {
  if (signal.aborted) return void sleeping.cancel(signal.reason);
  sleeping.whenDone(onAbort(signal, () => void sleeping.cancel(signal.reason)));
}

class Sleep<T> extends Future<T> {
  readonly #handle;

  constructor(delayMs: number, result: T) {
    super();
    this.#handle = this.getLoop().callLater(delayMs, () => {
      if (!this.done()) this.setResult(result);
    });
  }

  override get what(): string {
    return "sleep()";
  }

  override cancel(message?: unknown): boolean {
    this.#handle.cancel();
    return super.cancel(message);
  }
}

/** `sleep(0)` outside a task. */
class Pause<T> extends Future<T> implements Job {
  readonly #result: T;

  constructor(result: T) {
    super();
    this.#result = result;
    this.getLoop().schedule(this);
  }

  run(): void {
    if (!this.done()) this.setResult(this.#result);
  }

  describe(): HandleDescription {
    return { name: "sleep(0)" };
  }
}

/** `sleep(0)` in a task. It is done at once. Awaiting it takes one pass of the loop, and cannot be interrupted. */
class Yield<T> extends Future<T> {
  constructor(result: T) {
    super();
    this.setResult(result);
  }

  override awaitIn(strand: Strand, onValue: (value: T) => void, onError: (error: unknown) => void): void {
    const job = new YieldJob(strand, () => this.deliver(onValue, onError), onError);
    strand.task.beginWait(job);
    strand.task.loop.schedule(job);
  }
}

class YieldJob implements Job, Wait {
  readonly source = undefined;
  readonly strand: Strand;
  readonly #goOn: () => void;
  readonly #onError: (error: unknown) => void;

  constructor(strand: Strand, goOn: () => void, onError: (error: unknown) => void) {
    this.strand = strand;
    this.#goOn = goOn;
    this.#onError = onError;
  }

  cancelled(): boolean {
    return false;
  }

  run(): void {
    const error = this.strand.task.endWait(this, undefined);
    if (error === undefined) this.#goOn();
    else this.#onError(error);
  }

  describe(): HandleDescription {
    const task = this.strand.task.getName();
    return { name: task, task };
  }
}
