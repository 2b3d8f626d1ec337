// Tells whether a core is free for a thread that spins instead of sleeping. Without a free core, a spinning thread
// takes CPU time from a worker, because the kernel may leave both threads on one core for milliseconds.
import { availableParallelism } from "node:os";

const cores = availableParallelism();

/** Counts the workers that hold calls, over all pools of a thread. The workers read the count. */
export class SpareCores {
  readonly buffer: SharedArrayBuffer;
  readonly #busy: Int32Array;

  /** @param buffer the main side's buffer; by default a new one is created */
  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#busy = new Int32Array(buffer);
  }

  /** Main side: a worker received its first call. */
  workerBusy(): void {
    Atomics.add(this.#busy, 0, 1);
  }

  /** Main side: a worker answered its last call. */
  workerIdle(): void {
    Atomics.sub(this.#busy, 0, 1);
  }

  /** Whether there are cores for the busy workers and for the main side. */
  get any(): boolean {
    return Atomics.load(this.#busy, 0) < cores;
  }
}
