// sleep(): a pause that can be cancelled.
import type { HandleDescription } from "../loop/job.js";
import type { Job } from "../loop/job.js";
import { currentStrand, type Strand, type Wait } from "../loop/strand.js";
import { Future } from "./future.js";

/**
 * Resolves with `result` after `delayMs`. With 0, the tasks that are ready run first.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
 */
export function sleep(delayMs: number): Future<undefined>;
export function sleep<T>(delayMs: number, result: T): Future<T>;
export function sleep<T>(delayMs: number, result?: T): Future<T | undefined> {
  if (typeof delayMs !== "number" || Number.isNaN(delayMs)) throw new TypeError(`sleep takes a delay in milliseconds; got ${String(delayMs)}`);
  if (delayMs > 0) return new Sleep(delayMs, result);
  const strand = currentStrand();
  return strand === undefined || strand.task.done() ? new Pause(result) : new Yield(result);
}

class Sleep<T> extends Future<T> {
  readonly #handle;

  constructor(delayMs: number, result: T) {
    super();
    this.#handle = this.getLoop().callLater(delayMs, () => {
      if (!this.done()) this.setResult(result);
    });
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

/** `sleep(0)` in a task: done at once. Awaiting it costs one pass of the loop, and cannot be interrupted. */
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
