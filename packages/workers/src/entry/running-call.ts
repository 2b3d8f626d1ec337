// The running call, as its function sees it through taskContext().
import { CancelledError } from "../executor/errors.js";
import type { TaskContext } from "../executor/task-context.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import type { FromWorker } from "../protocol/messages.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, parcelFor } from "../protocol/parcel.js";
import type { CancelWords } from "../protocol/slots.js";
import type { StreamCredits } from "./run-stream.js";

/** The identity of a call in its worker. */
export interface CallIdentity {
  readonly id: number;
  readonly slot: number;
  readonly name: string;
  readonly workerId: number;
  /** The result of the setup module. */
  readonly setup: unknown;
}

export class RunningCall implements TaskContext {
  readonly id: number;
  readonly name: string;
  readonly workerId: number;
  readonly setup: unknown;
  /** The credits of a stream. */
  credits: StreamCredits | undefined;
  readonly #slot: number;
  readonly #words: CancelWords;
  readonly #report: ((message: FromWorker, moved?: readonly object[]) => void) | undefined;
  readonly #to: Destination;
  #abort: AbortController | undefined;
  #cancelled = false;
  #reason: unknown;

  /** @param report sends progress; `undefined`: the caller has no listener */
  constructor({ id, slot, name, workerId, setup }: CallIdentity, words: CancelWords, report: ((message: FromWorker, moved?: readonly object[]) => void) | undefined, to: Destination) {
    this.id = id;
    this.name = name;
    this.workerId = workerId;
    this.setup = setup;
    this.#slot = slot;
    this.#words = words;
    this.#report = report;
    this.#to = to;
  }

  progress(value: unknown): void {
    if (this.#report === undefined) return;
    const { id } = this;
    const besides: Besides = { moved: [], buffers: [] };
    try {
      const parcel = parcelFor(value, "progress", this.#to, besides);
      const message: FromWorker = { type: "progress", slot: this.#slot, id, value: parcel ?? value };
      if (parcel !== undefined) message.packed = true;
      if (besides.buffers.length > 0) message.buffers = besides.buffers;
      this.#report(message, besides.moved.length > 0 ? besides.moved : undefined);
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
