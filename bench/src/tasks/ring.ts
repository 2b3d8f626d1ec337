// A ring of numbers in shared memory: one writer, one reader, no locks.

const SIZE = 8_192;
const HEAD = 0;
const TAIL = 1;
const FIRST = 2;

export class Ring {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer((FIRST + SIZE) * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Called by the writer. Wakes a waiting reader. @returns `false` if the ring is full */
  push(value: number): boolean {
    const tail = Atomics.load(this.#words, TAIL);
    if (tail - Atomics.load(this.#words, HEAD) === SIZE) return false;
    this.#words[FIRST + (tail % SIZE)] = value;
    Atomics.store(this.#words, TAIL, tail + 1);
    Atomics.notify(this.#words, TAIL);
    return true;
  }

  /** Called by the reader. @returns the oldest number; `undefined` if the ring is empty */
  shift(): number | undefined {
    const head = Atomics.load(this.#words, HEAD);
    if (head === Atomics.load(this.#words, TAIL)) return undefined;
    const value = this.#words[FIRST + (head % SIZE)]!;
    Atomics.store(this.#words, HEAD, head + 1);
    return value;
  }

  /** Called by the reader. Blocks until the ring has a number. */
  wait(): void {
    const head = Atomics.load(this.#words, HEAD);
    for (let look = 0; look < 2_000; look += 1) if (Atomics.load(this.#words, TAIL) !== head) return;
    Atomics.wait(this.#words, TAIL, head);
  }
}
