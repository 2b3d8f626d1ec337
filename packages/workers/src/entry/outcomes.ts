// Collects outcomes for a short time, and sends them to the main side together. If an outcome cannot be cloned, an
// error with the path replaces it, and the other outcomes are not affected.
import { markedTransfers } from "../executor/transfer.js";
import { now as realNow } from "../executor/real-time.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { copyToMove } from "../protocol/large-buffers.js";
import { type FromWorker, OUTCOME_STRIDE, type OutcomeKind, PACKED, SKIPPED, THROWN, VALUE, VOID } from "../protocol/messages.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, packThrown, parcelFor } from "../protocol/parcel.js";
import { toShared } from "../protocol/slots.js";

/** Milliseconds for which an outcome waits for others: a quarter of the work that the main side sends at once. */
const FLUSH_AFTER_MS = 0.125;

type Send = (message: FromWorker, transfer?: readonly object[]) => void;

/** The data of a result that is no primitive, beside its value in the message. */
interface SentObject {
  readonly callName: string;
  readonly besides: Besides;
  /** The function's own value, for an error about it. */
  readonly original: unknown;
  /** The first word of paths to its parts. */
  readonly root: string;
}

export class Outcomes {
  readonly #send: Send;
  readonly #to: Destination;
  #outcomes: unknown[] = [];
  #ms: number[] = [];
  #begun: number[] = [];
  /** Whether the main side asks when calls begin. */
  #timed = false;
  /** One element for each outcome. */
  #objects: (SentObject | undefined)[] = [];
  #flushedAt = 0;
  /** When the call began whose outcome is added next. */
  #began = 0;

  /**
   * @param send throws a DataCloneError if the message cannot be cloned
   * @param to `process`: outcomes have the run times of their calls, because there is no shared memory, and no object moves
   */
  constructor(send: Send, to: Destination) {
    this.#send = send;
    this.#to = to;
  }

  /** A call begins. The next outcome is its own. @param now as `performance.now()` */
  callBegins(now: number): void {
    this.#began = now;
  }

  /** From now on, outcomes have the times at which their calls began. */
  sendTimes(): void {
    this.flush();
    this.#timed = true;
  }

  /** The worker begins a series of calls. The waiting time of outcomes counts from now. */
  begin(now: number): void {
    this.#flushedAt = now;
  }

  /**
   * @param value the value that the function returned, or the packed error that it threw
   * @param root `results`: the value of a chunk
   * @returns the time: `now`, or a later time if the outcomes were sent
   */
  add(id: number, slot: number, name: string, kind: typeof VALUE | typeof THROWN, value: unknown, ms: number, now: number, root: "result" | "results" = "result"): number {
    if (kind === VALUE && value === undefined) this.#push(id, slot, VOID, 0, ms);
    else if (kind === VALUE && ((typeof value === "object" && value !== null) || typeof value === "function" || typeof value === "symbol")) this.#addObject(id, slot, name, value, ms, root);
    else this.#push(id, slot, kind, value, ms);
    return now - this.#flushedAt > FLUSH_AFTER_MS ? this.flush() : now;
  }

  #addObject(id: number, slot: number, name: string, original: unknown, ms: number, root: string): void {
    const marked = markedTransfers(original);
    const besides: Besides = { moved: [], buffers: [] };
    try {
      const value = marked === undefined && this.#to === "thread" ? copyToMove([original], besides.moved)[0] : original;
      const parcel = parcelFor(value, root, this.#to, besides, marked);
      this.#push(id, slot, parcel === undefined ? VALUE : PACKED, parcel ?? value, ms, { callName: name, besides, original, root });
    } catch (cause) {
      this.#push(id, slot, THROWN, packThrown(diagnoseClone(original, root, name, marked ?? [], cause), this.#to), ms);
    }
  }

  /** A call that was cancelled before it began. */
  skip(id: number, slot: number): void {
    this.#push(id, slot, SKIPPED, undefined, 0);
  }

  /** Sends the outcomes. @returns the time afterwards */
  flush(): number {
    if (this.#outcomes.length > 0) this.#sendAll();
    return (this.#flushedAt = realNow());
  }

  #sendAll(): void {
    const outcomes = this.#outcomes;
    const ms = this.#ms;
    const begun = this.#begun;
    const objects = this.#objects;
    this.#outcomes = [];
    this.#ms = [];
    this.#begun = [];
    this.#objects = [];
    try {
      this.#post(outcomes, ms, begun, objects);
    } catch {
      objects.forEach((object, index) => this.#sendOne(outcomes.slice(index * OUTCOME_STRIDE, (index + 1) * OUTCOME_STRIDE), [ms[index]!], [begun[index]!], object));
    }
  }

  #sendOne(outcome: unknown[], ms: number[], begun: number[], object: SentObject | undefined): void {
    try {
      this.#post(outcome, ms, begun, [object]);
    } catch (cause) {
      const [id, head, value] = outcome as [number, number, unknown];
      const { original, callName, root } = object ?? { original: value, callName: "the call", root: "result" };
      const error = diagnoseClone(original, root, callName, markedTransfers(original) ?? [], cause);
      this.#post([id, (head & ~7) | THROWN, packThrown(error, this.#to)], ms, begun, []);
    }
  }

  #post(outcomes: unknown[], ms: number[], begun: number[], objects: readonly (SentObject | undefined)[]): void {
    const message: FromWorker = { type: "settled", outcomes };
    if (this.#to === "process") message.ms = ms;
    if (this.#timed) message.begun = begun;
    let moved: object[] | undefined;
    for (const object of objects) {
      if (object === undefined) continue;
      const { besides } = object;
      if (besides.moved.length > 0) (moved ??= []).push(...besides.moved);
      if (besides.buffers.length > 0) (message.buffers ??= []).push(...besides.buffers);
    }
    this.#send(message, moved);
  }

  #push(id: number, slot: number, kind: OutcomeKind, value: unknown, ms: number, object?: SentObject): void {
    this.#outcomes.push(id, slot * 8 + kind, value);
    if (this.#to === "process") this.#ms.push(ms);
    if (this.#timed) this.#begun.push(toShared(this.#began));
    this.#objects.push(object);
  }
}
