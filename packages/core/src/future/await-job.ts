// AwaitJob: one `await` of a task for a future. The future schedules the job when the future is done, and the loop runs
// it. The job steps the task by the engine's own resolving functions, which the await passed to then().
import { readStack } from "@offloop/workers/executor";
import type { LoopHost } from "../loop/host.js";
import type { HandleDescription } from "../loop/job.js";
import type { CancelSource, Strand, Wait } from "../loop/strand.js";
import type { FutureJob } from "./future-job.js";

/** A future, as an `await` uses it. */
export interface AwaitedSource<T> extends CancelSource {
  readonly madeAt: string | undefined;
  deliver(onValue: (value: T) => void, onError: (error: unknown) => void): void;
}

/** One `await` of a future that was pending: wakes its task when the future is done. */
export class AwaitJob<T> implements FutureJob, Wait {
  readonly retrieves = true;
  readonly source: AwaitedSource<T>;
  readonly strand: Strand;
  /** In debug mode: the stack at which the task waits. Before Node 26 the engine does not report it, and this is the stack at which the future was made. */
  readonly stack: string | undefined;
  readonly #onValue: (value: T) => void;
  readonly #onError: (error: unknown) => void;

  constructor(source: AwaitedSource<T>, strand: Strand, onValue: (value: T) => void, onError: (error: unknown) => void) {
    this.source = source;
    this.strand = strand;
    this.#onValue = onValue;
    this.#onError = onError;
    if (!strand.task.loop.debug) return;
    const stack = readStack(new Error());
    this.stack = stack?.includes("\n    at async ") === true ? stack : source.madeAt;
  }

  cancelled(): boolean {
    return false;
  }

  run(): void {
    const error = this.strand.task.endWait(this, this.source);
    if (error === undefined) this.deliver();
    else this.#onError(error);
  }

  /** Passes the outcome of the future to the task. */
  deliver(): void {
    this.source.deliver(this.#onValue, this.#onError);
  }

  describe(): HandleDescription {
    const task = this.strand.task.getName();
    return { name: task, task };
  }
}

/** Makes an `await` throw `error` in the loop's next pass. */
export function failAwait(loop: LoopHost, onError: (error: unknown) => void, error: Error): void {
  loop.schedule({ cancelled: () => false, run: () => onError(error), describe: () => ({ name: "await" }) });
}
