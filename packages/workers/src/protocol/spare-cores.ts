// Whether a core is left over for a side that looks for a message instead of waiting for it. One that
// looks never sleeps, so where there is none, it takes the core of somebody who has work: the kernel may
// leave two such threads on one core for many milliseconds.
import { availableParallelism } from "node:os";

const cores = availableParallelism();

/** Counts the workers that hold calls, over all pools of a thread; the workers see the count. */
export class SpareCores {
  readonly buffer: SharedArrayBuffer;
  readonly #busy: Int32Array;

  /** @param buffer that of the main side; made there */
  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#busy = new Int32Array(buffer);
  }

  /** Main side: a worker has got its first call. */
  workerBusy(): void {
    Atomics.add(this.#busy, 0, 1);
  }

  /** Main side: a worker has answered its last call. */
  workerIdle(): void {
    Atomics.sub(this.#busy, 0, 1);
  }

  /** Whether there are cores for the busy workers and the main side, all of them awake. */
  get any(): boolean {
    return Atomics.load(this.#busy, 0) < cores;
  }
}
