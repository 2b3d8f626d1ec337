// Keeps the process alive while a call is pending, and at no other time. A pool has one timer for that,
// whose callback does nothing; workers and their ports stay unreferenced, whatever they do.
import { clearInterval, setInterval } from "../executor/real-time.js";
import { LONGEST_DELAY_MS } from "../executor/timer.js";

/** Counts what is pending. */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Something is pending from now on, until `release`. */
  hold(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    if (this.#timer === undefined) this.#timer = setInterval(() => {}, LONGEST_DELAY_MS); // when it fires nothing happens
    else this.#timer.ref();
  }

  release(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#timer?.unref();
  }

  /** Lets go of the timer itself: nothing will be held again. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
