// Counts the messages that each side of a lane has posted, in shared memory. A read takes nanoseconds, so a side that
// is awake can receive a message before its event loop delivers it.
//
//   thread/thread-worker.ts   TO_WORKER ─▶   entry/thread.ts
//                             ◀─ TO_MAIN

const TO_WORKER = 0;
const TO_MAIN = 1;
/** 1 while the worker blocks its thread until a message arrives. */
const WORKER_WAITS = 2;

/** The side of a lane that counts. */
export type Side = "main" | "worker";

export class PostCount {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #mine: number;
  readonly #theirs: number;
  #received = 0;

  /** @param buffer the other side's buffer; by default a new one is created */
  constructor(side: Side, buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#mine = side === "main" ? TO_WORKER : TO_MAIN;
    this.#theirs = side === "main" ? TO_MAIN : TO_WORKER;
  }

  /** This side has posted a message. */
  posted(): void {
    Atomics.add(this.#words, this.#mine, 1);
    if (Atomics.load(this.#words, WORKER_WAITS) === 1) Atomics.notify(this.#words, this.#mine);
  }

  /** This side has taken a message from its port. */
  received(): void {
    this.#received = (this.#received + 1) | 0;
  }

  /** Worker only: blocks the thread until a message of the main side is at the port. */
  wait(): void {
    Atomics.store(this.#words, WORKER_WAITS, 1);
    Atomics.wait(this.#words, this.#theirs, this.#received);
    Atomics.store(this.#words, WORKER_WAITS, 0);
  }

  /** Whether a message of the other side is at the port. */
  get waiting(): boolean {
    return Atomics.load(this.#words, this.#theirs) !== this.#received;
  }
}
