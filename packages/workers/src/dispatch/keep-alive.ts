// Keeps the process alive while a call is pending, and only then. A pool has one referenced timer for this, whose
// callback does nothing. Workers and their ports are always unreferenced.
import { clearInterval, setInterval } from "../executor/real-time.js";
import { inRoot } from "../executor/root-context.js";
import { LONGEST_DELAY_MS } from "../executor/timer.js";

/** Counts the reasons to stay alive. */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Adds a reason to stay alive, until `release`. */
  hold(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    if (this.#timer === undefined) this.#timer = inRoot(() => setInterval(() => {}, LONGEST_DELAY_MS));
    else this.#timer.ref();
  }

  /** Takes one reason away. After the last, the process may end. */
  release(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#timer?.unref();
  }

  /** Stops the timer. `hold` is not called again. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
