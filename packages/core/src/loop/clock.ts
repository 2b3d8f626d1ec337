// Clocks: a clock tells a loop the time, and wakes it. The system clock uses one timer of Node. Tests replace it with a
// virtual clock.
import { LONGEST_DELAY_MS, rootContext } from "@offloop/workers/executor";
import { clearTimeout, now, setTimeout } from "./real-time.js";

/** A source of time, in milliseconds, that never goes back. */
export interface Clock {
  /** The time now, in milliseconds from a zero of the clock's own. */
  now(): number;
  /** Calls `wake` once, at `when` or a little later. A later request replaces an earlier one. */
  wakeAt(when: number, wake: () => void): void;
  /** Whether the next wake-up keeps the process alive. */
  setRef(ref: boolean): void;
  /** Work outside the clock's time begins (a call on a thread), or has ended. For clocks that jump. */
  hold?(): void;
  /** Ends one `hold`. */
  release?(): void;
}

/** The monotonic clock of the process. Its timer may fire a little early, so the callee reads `now()`. */
export class SystemClock implements Clock {
  #timer: NodeJS.Timeout | undefined;
  #when = Infinity;
  #wake: () => void = () => {};

  now(): number {
    return now();
  }

  wakeAt(when: number, wake: () => void): void {
    this.#wake = wake;
    if (this.#timer !== undefined) {
      // An earlier alarm is kept, because that is cheaper than a new timer. It finds no timer due, and sets the next alarm.
      if (this.#when <= when) return;
      clearTimeout(this.#timer);
    }
    // A longer wait takes several timers.
    const delay = Math.min(LONGEST_DELAY_MS, Math.max(1, Math.ceil(when - now())));
    this.#when = delay === LONGEST_DELAY_MS ? now() + LONGEST_DELAY_MS : when;
    this.#timer = rootContext.runInAsyncScope(setTimeout, undefined, this.#fired, delay) as NodeJS.Timeout;
  }

  setRef(ref: boolean): void {
    if (ref) this.#timer?.ref();
    else this.#timer?.unref();
  }

  #fired = (): void => {
    this.#timer = undefined;
    this.#when = Infinity;
    this.#wake();
  };
}
