// Outcomes on their way to the main side: gathered for a short time, then sent together. An outcome that
// cannot be cloned is replaced by an error that names the path. The other outcomes are not affected.
import { markedTransfers } from "../executor/transfer.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { packThrown } from "../protocol/error-envelope.js";
import { copyToMove } from "../protocol/large-buffers.js";
import { type FromWorker, OUTCOME_STRIDE, SKIPPED, THROWN, VALUE, VOID } from "../protocol/messages.js";

/** Milliseconds for which an outcome waits for others: a quarter of the work that the main side sends at once. */
const FLUSH_AFTER_MS = 0.125;

type Send = (message: FromWorker, transfer?: readonly object[]) => void;

export class Outcomes {
  readonly #send: Send;
  readonly #timed: boolean;
  #outcomes: unknown[] = [];
  #ms: number[] = [];
  /** The names of their calls, for errors about results. */
  #names: string[] = [];
  /** The objects that move with them. */
  #transfers: object[] = [];
  #flushedAt = 0;

  /**
   * @param send throws DataCloneError if the message cannot be cloned
   * @param timed whether outcomes carry the run time of their calls: true without shared memory. Nothing moves then.
   */
  constructor(send: Send, timed: boolean) {
    this.#send = send;
    this.#timed = timed;
  }

  /** A run of calls begins: the waiting time counts from now. */
  begin(now: number): void {
    this.#flushedAt = now;
  }

  /** @returns the time: `now`, or later if the outcomes had to be sent */
  add(slot: number, name: string, kind: typeof VALUE | typeof THROWN, value: unknown, ms: number, now: number): number {
    if (kind === VALUE && value === undefined) this.#push(slot, VOID, 0, ms, name);
    else this.#push(slot, kind, kind === VALUE && typeof value === "object" && value !== null ? this.#move(value) : value, ms, name);
    return now - this.#flushedAt > FLUSH_AFTER_MS ? this.flush() : now;
  }

  /** The value as it is sent. Adds the objects that move with it to the list. */
  #move(value: object): unknown {
    const marked = markedTransfers(value);
    if (marked !== undefined) this.#transfers.push(...marked);
    else if (!this.#timed) return copyToMove([value], this.#transfers)[0];
    return value;
  }

  /** The outcome of a call that was cancelled before it began. */
  skip(slot: number): void {
    this.#push(slot, SKIPPED, undefined, 0, "");
  }

  /** Sends the outcomes. @returns the time afterwards */
  flush(): number {
    if (this.#outcomes.length > 0) this.#sendAll();
    return (this.#flushedAt = performance.now());
  }

  #sendAll(): void {
    const outcomes = this.#outcomes;
    const ms = this.#timed ? this.#ms : undefined;
    const names = this.#names;
    const transfers = this.#transfers;
    this.#outcomes = [];
    this.#ms = [];
    this.#names = [];
    this.#transfers = [];
    try {
      this.#send(settled(outcomes, ms), transfers);
    } catch {
      names.forEach((name, index) => this.#sendOne(outcomes.slice(index * OUTCOME_STRIDE, (index + 1) * OUTCOME_STRIDE), ms && [ms[index]!], name));
    }
  }

  #push(slot: number, kind: number, value: unknown, ms: number, name: string): void {
    this.#outcomes.push(slot * 4 + kind, value);
    if (this.#timed) this.#ms.push(ms);
    this.#names.push(name);
  }

  #sendOne([head, value]: unknown[], ms: number[] | undefined, name: string): void {
    const transfers = markedTransfers(value) ?? [];
    try {
      this.#send(settled([head, value], ms), transfers);
    } catch (cause) {
      const error = diagnoseClone(value, "result", name, transfers, cause);
      const slot = (head as number) >> 2;
      this.#send(settled([slot * 4 + THROWN, packThrown(error)], ms));
    }
  }
}

function settled(outcomes: unknown[], ms: number[] | undefined): FromWorker {
  return ms === undefined ? { type: "settled", outcomes } : { type: "settled", outcomes, ms };
}
