// How long a new call would wait for a worker of an executor: the calls before it, times their measured run time, divided by the
// workers that share them.
import type { Executor } from "@offloop/workers/executor";

type Stats = ReturnType<Executor["stats"]>;

/** The weight of the calls that have ended since the last reading. A guess: about ten readings forget a burst. */
const WEIGHT = 0.2;

/** Measures one executor, by the readings of its `stats()`. */
export class ServiceRate {
  /** The run times at the last reading before which a call had ended. */
  #last = { count: 0, totalMs: 0 };
  /** The mean run time of a call, in milliseconds. */
  #meanMs = NaN;

  /** The time until a call that is submitted now would start, in milliseconds. 0: none waits, or none has ended yet. */
  expectedWaitMs({ queued, workers, run: { count, totalMs } }: Stats): number {
    if (count > this.#last.count) {
      const measured = (totalMs - this.#last.totalMs) / (count - this.#last.count);
      this.#meanMs = Number.isNaN(this.#meanMs) ? measured : this.#meanMs + (measured - this.#meanMs) * WEIGHT;
      this.#last = { count, totalMs };
    }
    return queued === 0 || Number.isNaN(this.#meanMs) ? 0 : (queued * this.#meanMs) / Math.max(1, workers);
  }
}
