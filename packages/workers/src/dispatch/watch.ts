// Looks for answers that are about to come, instead of being woken for them: to park the main thread
// and wake it again takes some 50 µs, more than many calls. The event loop turns all the while, without
// waiting; after a little, and where looking has not paid, it waits as ever.
import { Backoff } from "../protocol/backoff.js";
import { SpareCores } from "../protocol/spare-cores.js";

/** So long after an envelope was sent the event loop does not wait. */
export const WATCH_MS = 0.1;

/** Of this thread's pools. */
export const spareCores = new SpareCores();

/** What a look at the workers found: answers, none yet, or that nobody has anything to answer. */
export type Polled = "found" | "expecting" | "nothing";

export class Watch {
  readonly #poll: () => Polled;
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #until = 0;
  #watching = false;

  /** @param poll takes the answers that have come */
  constructor(poll: () => Polled, now: () => number = () => performance.now()) {
    this.#poll = poll;
    this.#now = now;
  }

  /** An envelope has been sent whose answers will come soon. */
  extend(): void {
    if (!spareCores.any || (!this.#watching && !this.#backoff.due())) return;
    this.#until = this.#now() + WATCH_MS;
    if (this.#watching) return;
    this.#watching = true;
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    const outcome = this.#poll();
    if (outcome === "found") this.#backoff.succeeded();
    if (outcome !== "nothing" && this.#now() < this.#until) return void setImmediate(this.#look);
    this.#watching = false;
    if (outcome === "expecting") this.#backoff.failed();
  };
}
