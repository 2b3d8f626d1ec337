// Timers with a delay that a user chooses. Node runs a timer at once if its delay exceeds 2^31 − 1 ms.
import { clearTimeout, setTimeout } from "./real-time.js";

/** The longest delay of one timer of Node: about 25 days. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** As `setTimeout`, for any delay. `Infinity`: never. */
export class LongTimer {
  #timer: NodeJS.Timeout | undefined;
  readonly #keepsAlive: boolean;

  /** @param ms rounded up to a whole millisecond; @param keepsAlive whether the process stays alive for it */
  constructor(ms: number, then: () => unknown, keepsAlive: boolean) {
    this.#keepsAlive = keepsAlive;
    this.#start(ms, then);
  }

  /** Without effect after the timer has fired. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Starts several timers one after another if the delay is too long for one. */
  #start(ms: number, then: () => unknown): void {
    if (ms === Infinity) return;
    const rest = ms - LONGEST_DELAY_MS;
    this.#timer = rest > 0 ? setTimeout(() => this.#start(rest, then), LONGEST_DELAY_MS) : setTimeout(then, Math.ceil(ms));
    if (!this.#keepsAlive) this.#timer.unref();
  }
}
