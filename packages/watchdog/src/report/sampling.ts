// Asks the watched thread for samples on behalf of all who look: the pages and the scrapers of the endpoint. It is asked
// again only when it has answered, and released when nobody looks any more.
import type { Sample } from "../protocol/sample.js";

/** How the watched thread is reached. */
export interface Samples {
  /** Asks the watched thread for a sample. `undefined`: it cannot be asked. */
  readonly ask?: () => void;
  /** Tells the watched thread that nobody looks any more. */
  readonly release?: () => void;
}

/** The samples of the watched thread, while somebody looks. */
export class Sampling {
  readonly #samples: Samples;
  readonly #listeners: ((sample: Sample) => void)[] = [];
  #lookers = 0;
  #isAsked = false;

  constructor(samples: Samples) {
    this.#samples = samples;
  }

  get isPossible(): boolean {
    return this.#samples.ask !== undefined;
  }

  /** Calls the listener with each sample. A sample has the calls since the last one, so none may be left out. */
  listen(listener: (sample: Sample) => void): void {
    this.#listeners.push(listener);
  }

  /** Somebody looks, until the returned function is called. */
  look(): () => void {
    this.#lookers += 1;
    let looks = true;
    return () => {
      if (!looks) return;
      looks = false;
      this.#lookers -= 1;
      if (this.#lookers === 0) this.#samples.release?.();
    };
  }

  ask(): void {
    if (this.#isAsked || this.#samples.ask === undefined) return;
    this.#isAsked = true;
    this.#samples.ask();
  }

  /** The watched thread has answered. */
  sampled(sample: Sample): void {
    this.#isAsked = false;
    for (const listener of this.#listeners) listener(sample);
  }
}
