// The time of a call beside its run time: to the engine, to a host, and back. The chunks of `map` follow it.

/** Milliseconds of work in a chunk for each millisecond of the round trip. With two chunks on the way to each worker, the round trip is then hidden, and its cost is a sixteenth of the work. A guess. */
const TIMES = 16;

/** The bounds of a chunk, in milliseconds of work. A longer chunk would delay other calls, and be lost with its host. */
const LEAST_MS = 4;
const MOST_MS = 500;

/** Estimates the round trip of calls that do not wait in the queue. */
export class RoundTrip {
  /** Waiting in the queue only makes it longer. So it falls at once, and rises slowly. */
  #ms: number | undefined;

  /** A call was answered. @param ms since it was pushed, without its time at the host */
  measured(ms: number): void {
    this.#ms = this.#ms === undefined || ms < this.#ms ? Math.max(0, ms) : this.#ms + (ms - this.#ms) / 64;
  }

  /** Milliseconds of work that a chunk should hold. */
  get chunkMs(): number {
    return this.#ms === undefined ? LEAST_MS : Math.min(MOST_MS, Math.max(LEAST_MS, this.#ms * TIMES));
  }
}
