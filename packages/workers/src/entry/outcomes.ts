// Outcomes on their way to the main side: gathered for a moment, sent together. One that cannot be
// cloned goes as the error that says where, and disturbs none of the others.
import { markedTransfers } from "../executor/transfer.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { packThrown } from "../protocol/error-envelope.js";
import { type FlatOutcomes, type FromWorker, OUTCOME_STRIDE, SKIPPED, THROWN, VALUE } from "../protocol/messages.js";

/** Outcomes wait for company no longer than this: a quarter of what the main side sends at once. */
const FLUSH_AFTER_MS = 0.125;

type Send = (message: FromWorker, transfer?: readonly object[]) => void;

export class Outcomes {
  readonly #send: Send;
  #outcomes: FlatOutcomes = [];
  /** The names of their calls, for errors about results. */
  #names: string[] = [];
  /** What moves with them. */
  #transfers: object[] = [];
  #flushedAt = 0;

  /** @param send throws DataCloneError where the message cannot be cloned */
  constructor(send: Send) {
    this.#send = send;
  }

  /** A run of calls begins: company is awaited from now on. */
  begin(now: number): void {
    this.#flushedAt = now;
  }

  add(slot: number, name: string, kind: typeof VALUE | typeof THROWN, value: unknown, ms: number, now: number): void {
    this.#outcomes.push(slot, kind, value, ms);
    this.#names.push(name);
    const moved = kind === VALUE ? markedTransfers(value) : undefined;
    if (moved !== undefined) this.#transfers.push(...moved);
    if (now - this.#flushedAt > FLUSH_AFTER_MS) this.flush();
  }

  /** A call that was cancelled before it began. */
  skip(slot: number): void {
    this.#outcomes.push(slot, SKIPPED, undefined, 0);
    this.#names.push("");
  }

  flush(): void {
    this.#flushedAt = performance.now();
    if (this.#outcomes.length === 0) return;
    const outcomes = this.#outcomes;
    const names = this.#names;
    const transfers = this.#transfers;
    this.#outcomes = [];
    this.#names = [];
    this.#transfers = [];
    try {
      this.#send({ type: "settled", outcomes }, transfers);
    } catch {
      names.forEach((name, index) => this.#sendOne(outcomes.slice(index * OUTCOME_STRIDE, (index + 1) * OUTCOME_STRIDE), name));
    }
  }

  #sendOne(outcome: FlatOutcomes, name: string): void {
    const transfers = markedTransfers(outcome[2]) ?? [];
    try {
      this.#send({ type: "settled", outcomes: outcome }, transfers);
    } catch (cause) {
      const error = diagnoseClone(outcome[2], "result", name, transfers, cause);
      this.#send({ type: "settled", outcomes: [outcome[0], THROWN, packThrown(error), outcome[3]] });
    }
  }
}
