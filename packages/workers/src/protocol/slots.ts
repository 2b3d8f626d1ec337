// A call is one word of shared memory: the slots of one lane, seen by the main side and its thread.
//
//   state    main: put ─▶ QUEUED ─▶ worker: claim ─▶ RUNNING ─▶ worker: finish ─▶ DONE ─▶ main: free
//                           └─▶ main: takeBack ─▶ FREE       (whoever swaps first has the call)
//   cancel   main: requestCancel ─▶ read by taskContext().cancelled in the middle of synchronous code
//   started  when the worker claimed it, so that a run's deadline counts from there; after its end how long it ran
//
// A word holds the call's id beside its state, so that a message about a call that was taken back
// cannot claim another one that has come to the same slot.

const FREE = 0;
const QUEUED = 1;
const RUNNING = 2;
const DONE = 3;

/** How a slot stands. */
export type SlotState = "free" | "queued" | "running" | "done";
const names: readonly SlotState[] = ["free", "queued", "running", "done"];

/** Ids wrap here, so that an id and a state fit into 31 bits. */
const ID_MASK = 0x1fff_ffff;

const BYTES_PER_SLOT = 16;

/** Where a running call learns that it is cancelled. */
export interface CancelWords {
  cancelRequested(slot: number, id: number): boolean;
}

/** The slots of one lane. Both sides build one over the same buffer. */
export class Slots implements CancelWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #count: number;

  /** @param source how many slots to make, or the buffer of slots that the other side made */
  constructor(source: number | SharedArrayBuffer) {
    this.buffer = typeof source === "number" ? new SharedArrayBuffer(source * BYTES_PER_SLOT) : source;
    this.#count = this.buffer.byteLength / BYTES_PER_SLOT;
    this.#times = new Float64Array(this.buffer, 0, this.#count);
    this.#words = new Int32Array(this.buffer, this.#count * 8, this.#count * 2);
  }

  /** Main side: the call waits in this slot for the worker, who learns of it by a message, and sees no sooner than that what is stored here. */
  put(slot: number, id: number): void {
    this.#words[slot * 2 + 1] = 0;
    this.#words[slot * 2] = word(id, QUEUED);
  }

  /** Main side: takes a call back that was sent. `false`: the worker has it already. */
  takeBack(slot: number, id: number): boolean {
    const queued = word(id, QUEUED);
    return Atomics.compareExchange(this.#words, slot * 2, queued, FREE) === queued;
  }

  /** Main side: the worker is done with the call, and the slot can hold another. */
  free(slot: number): void {
    this.#words[slot * 2] = FREE;
  }

  requestCancel(slot: number): void {
    Atomics.store(this.#words, slot * 2 + 1, 1);
  }

  cancelRequested(slot: number): boolean {
    return Atomics.load(this.#words, slot * 2 + 1) !== 0;
  }

  /** Worker side: makes the call its own. `false`: the main side has taken it back, or it has run: it was sent to this slot twice. */
  claim(slot: number, id: number, now: number): boolean {
    const queued = word(id, QUEUED);
    // How long the call ran that is done stays until the main side has read it.
    if (Atomics.load(this.#words, slot * 2) !== queued) return false;
    this.#times[slot] = now;
    return Atomics.compareExchange(this.#words, slot * 2, queued, word(id, RUNNING)) === queued;
  }

  /** Worker side: the function has ended, after so many milliseconds. */
  finish(slot: number, id: number, ms: number): void {
    this.#times[slot] = ms;
    Atomics.store(this.#words, slot * 2, word(id, DONE));
  }

  state(slot: number): SlotState {
    return names[Atomics.load(this.#words, slot * 2) & 3]!;
  }

  /** When the worker claimed the call, on the clock of `sharedNow`. */
  startedAt(slot: number): number {
    return this.#times[slot]!;
  }

  /** How long a call ran that is done. */
  ranMs(slot: number): number {
    return this.#times[slot]!;
  }
}

/** Read once: it is a getter with checks, and does not change. */
const { timeOrigin } = performance;

function word(id: number, state: number): number {
  return ((id & ID_MASK) << 2) | state;
}

/** A time of this thread's `performance.now()` on a clock that the threads of a process agree on: monotonic within each. */
export function toShared(now: number): number {
  return timeOrigin + now;
}

/** Milliseconds on that clock. */
export function sharedNow(): number {
  return toShared(performance.now());
}
