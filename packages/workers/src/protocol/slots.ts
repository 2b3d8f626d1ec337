// The slots of one lane: shared memory with the state of each call, for the main side and the thread.
//
//   state    main: put ─▶ QUEUED ─▶ worker: claim ─▶ RUNNING ─▶ worker: finish ─▶ DONE ─▶ main: free
//                           └─▶ main: takeBack ─▶ FREE       (the first compare-and-swap wins)
//   cancel   main: requestCancel ─▶ read by taskContext().cancelled in the middle of synchronous code
//   begun    from RUNNING on: the time at which the worker claimed the call
//   ran      when DONE: the run time
//
// The word holds the call's id beside its state, so a late message about a call that was taken back cannot
// claim the next call in the same slot.
import { machineOrigin } from "../executor/real-time.js";

const FREE = 0;
const QUEUED = 1;
const RUNNING = 2;
const DONE = 3;

/** The state of a slot. */
export type SlotState = "free" | "queued" | "running" | "done";
const names: readonly SlotState[] = ["free", "queued", "running", "done"];

/** Ids wrap here, so that id and state fit into 31 bits. */
const ID_MASK = 0x1fff_ffff;

const BYTES_PER_SLOT = 24;

/** The memory or file in which a running call reads that it is cancelled. */
export interface CancelWords {
  /** Whether the call with this id, in this slot, is to stop. It costs one read. */
  cancelRequested(slot: number, id: number): boolean;
}

/** The slots of one lane. Each side creates an instance over the same buffer. */
export class Slots implements CancelWords {
  /** The memory, which the other side passes to its constructor. 24 bytes a slot. */
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #begun: Float64Array;
  readonly #ran: Float64Array;
  readonly #count: number;

  /** @param source the number of slots to create, or the buffer of slots that the other side created */
  constructor(source: number | SharedArrayBuffer) {
    this.buffer = typeof source === "number" ? new SharedArrayBuffer(source * BYTES_PER_SLOT) : source;
    this.#count = this.buffer.byteLength / BYTES_PER_SLOT;
    this.#begun = new Float64Array(this.buffer, 0, this.#count);
    this.#ran = new Float64Array(this.buffer, this.#count * 8, this.#count);
    this.#words = new Int32Array(this.buffer, this.#count * 16, this.#count * 2);
  }

  /** Main side: puts a call into the slot. A message announces it to the worker, and makes these stores visible. */
  put(slot: number, id: number): void {
    this.#words[slot * 2 + 1] = 0;
    this.#words[slot * 2] = word(id, QUEUED);
  }

  /** Main side: takes back a call that was sent. `false`: the worker has claimed it. */
  takeBack(slot: number, id: number): boolean {
    const queued = word(id, QUEUED);
    return Atomics.compareExchange(this.#words, slot * 2, queued, FREE) === queued;
  }

  /** Main side: the worker has finished the call. The slot can hold another call. */
  free(slot: number): void {
    this.#words[slot * 2] = FREE;
  }

  /** Main side: asks the call in the slot to stop. Its function sees that when it next looks at its signal. */
  requestCancel(slot: number): void {
    Atomics.store(this.#words, slot * 2 + 1, 1);
  }

  /** Whether the call in the slot is to stop. */
  cancelRequested(slot: number): boolean {
    return Atomics.load(this.#words, slot * 2 + 1) !== 0;
  }

  /** Worker side: claims the call. `false`: the main side has taken it back, or it was sent twice and has run. */
  claim(slot: number, id: number, now: number): boolean {
    const queued = word(id, QUEUED);
    // The time of a call that is done must stay until the main side has read it.
    if (Atomics.load(this.#words, slot * 2) !== queued) return false;
    this.#begun[slot] = now;
    return Atomics.compareExchange(this.#words, slot * 2, queued, word(id, RUNNING)) === queued;
  }

  /** Worker side: the function has ended after `ms` milliseconds. */
  finish(slot: number, id: number, ms: number): void {
    this.#ran[slot] = ms;
    Atomics.store(this.#words, slot * 2, word(id, DONE));
  }

  /** The state of the call in the slot now. The other side may change it at any time. */
  state(slot: number): SlotState {
    return names[Atomics.load(this.#words, slot * 2) & 3]!;
  }

  /** The time at which the worker claimed the call that runs or has run, on the clock of `toShared`. */
  startedAt(slot: number): number {
    return this.#begun[slot]!;
  }

  /** The run time of a finished call, in milliseconds. */
  ranMs(slot: number): number {
    return this.#ran[slot]!;
  }
}

function word(id: number, state: number): number {
  return ((id & ID_MASK) << 2) | state;
}

/** Converts a `performance.now()` of this thread to the clock that all threads and processes of the machine share. */
export function toShared(time: number): number {
  return machineOrigin + time;
}

/** The opposite of `toShared`. */
export function fromShared(time: number): number {
  return time - machineOrigin;
}
