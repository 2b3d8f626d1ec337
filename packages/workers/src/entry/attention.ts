// How closely a worker that has nothing to do looks for its next message. To park it and wake it again
// takes some 50 µs, more than many calls: so it looks a little longer before it goes back to its event
// loop, as long as that pays. The event loop is never kept waiting for more than 50 µs by it.
import { Backoff } from "../protocol/backoff.js";

/** The event loop gets a turn after so long. */
const LOOK_MS = 0.05;

export class Attention {
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #lookUntil = 0;
  #found = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The event loop has delivered a message. */
  woken(): void {
    this.#found = false;
    this.#lookUntil = this.#backoff.due() ? this.#now() + LOOK_MS : 0;
  }

  /** Waits a little for the next message. @returns whether there is one; else it is time to go back to the event loop */
  look(arrived: () => boolean): boolean {
    if (this.#lookUntil === 0) return false;
    while (this.#now() < this.#lookUntil) {
      if (!arrived()) continue;
      if (!this.#found) this.#backoff.succeeded();
      return (this.#found = true);
    }
    if (!this.#found) this.#backoff.failed();
    return false;
  }
}
