// How many messages each side of a lane has posted, in shared memory: a look costs nanoseconds, so that
// a side that is awake takes what has come before its event loop is told of it.
//
//   thread/thread-worker.ts   TO_WORKER ─▶   entry/thread.ts
//                             ◀─ TO_MAIN

const TO_WORKER = 0;
const TO_MAIN = 1;
/** 1 while the worker holds its thread until a message comes. */
const WORKER_WAITS = 2;

export type Side = "main" | "worker";

export class PostCount {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #mine: number;
  readonly #theirs: number;
  #received = 0;

  /** @param buffer that of the other side; made here if it is missing */
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

  /** For the worker: holds its thread until a message of the main side waits at the port. */
  wait(): void {
    Atomics.store(this.#words, WORKER_WAITS, 1);
    Atomics.wait(this.#words, this.#theirs, this.#received);
    Atomics.store(this.#words, WORKER_WAITS, 0);
  }

  /** Whether a message of the other side waits at the port. */
  get waiting(): boolean {
    return Atomics.load(this.#words, this.#theirs) !== this.#received;
  }
}
