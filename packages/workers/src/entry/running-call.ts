// The running call, as its function sees it through taskContext().
import { CancelledError } from "../executor/errors.js";
import type { TaskContext } from "../executor/task-context.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import type { FromWorker } from "../protocol/messages.js";
import type { CancelWords } from "../protocol/slots.js";
import type { StreamCredits } from "./run-stream.js";

/** The identity of a call in its worker. */
export interface CallIdentity {
  readonly id: number;
  readonly slot: number;
  readonly name: string;
  readonly workerId: number;
  /** What the setup module returned. */
  readonly setup: unknown;
}

export class RunningCall implements TaskContext {
  readonly id: number;
  readonly name: string;
  readonly workerId: number;
  readonly setup: unknown;
  /** For a stream. */
  credits: StreamCredits | undefined;
  readonly #slot: number;
  readonly #words: CancelWords;
  readonly #report: ((message: FromWorker) => void) | undefined;
  #abort: AbortController | undefined;
  #cancelled = false;
  #reason: unknown;

  /** @param report sends progress; `undefined` if the caller does not listen */
  constructor({ id, slot, name, workerId, setup }: CallIdentity, words: CancelWords, report: ((message: FromWorker) => void) | undefined) {
    this.id = id;
    this.name = name;
    this.workerId = workerId;
    this.setup = setup;
    this.#slot = slot;
    this.#words = words;
    this.#report = report;
  }

  progress(value: unknown): void {
    try {
      this.#report?.({ type: "progress", slot: this.#slot, id: this.id, value });
    } catch (cause) {
      throw diagnoseClone(value, "progress", this.name, [], cause);
    }
  }

  get cancelled(): boolean {
    // The read may receive the `cancel` message, which calls cancel().
    if (!this.#cancelled && this.#words.cancelRequested(this.#slot, this.id)) this.#cancelled = true;
    return this.#cancelled;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.cancelled) this.#abort.abort(this.#error());
    return this.#abort.signal;
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw this.#error();
  }

  /** Called when the `cancel` message arrives. */
  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#reason = reason;
    this.#abort?.abort(this.#error());
  }

  #error(): CancelledError {
    return new CancelledError(`${this.name} was cancelled`, { cause: this.#reason });
  }
}
