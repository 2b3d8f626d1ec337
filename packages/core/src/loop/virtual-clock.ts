// VirtualClock: time passes only when no other work is left, and then at once. For tests of code that waits. Events have
// the same order as with the real clock.
import { rootContext } from "@offloop/workers/executor";
import type { Clock } from "./clock.js";
import { setImmediate } from "./real-time.js";

/** A clock in milliseconds, which jumps to its next alarm. */
export class VirtualClock implements Clock {
  #now: number;
  #alarm: { readonly when: number; readonly wake: () => void } | undefined;
  #held = 0;
  #ref = true;

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wakeAt(when: number, wake: () => void): void {
    const alarm = { when, wake };
    this.#alarm = alarm;
    if (this.#held > 0) return;
    // One turn of Node's loop, for I/O that is ready: its callbacks run before time passes.
    rootContext.runInAsyncScope(setImmediate, undefined, () => {
      if (this.#alarm !== alarm || this.#held > 0 || !this.#ref || when === Infinity) return;
      this.#alarm = undefined;
      this.#now = Math.max(this.#now, when);
      wake();
    });
  }

  setRef(ref: boolean): void {
    this.#ref = ref;
  }

  /** Time stands still until `release`: work outside this clock is running. */
  hold(): void {
    this.#held += 1;
  }

  release(): void {
    this.#held -= 1;
  }
}
