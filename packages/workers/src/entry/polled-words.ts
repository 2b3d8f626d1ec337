// How synchronous code learns that its call is cancelled where a worker shares neither memory nor a file
// with the main side: the worker reads its line in the midst of the call, and the `cancel` message comes in.
import type { CancelWords } from "../protocol/slots.js";

/** To read the line costs a system call, about 1 µs: a loop that asks in each round pays for one in 0.1 ms. */
const POLL_EVERY_MS = 0.1;

export class PolledWords implements CancelWords {
  readonly #line: { poll?(): void };
  #polledAt = -Infinity;

  constructor(line: { poll?(): void }) {
    this.#line = line;
  }

  /** Always `false`: what has come has been told to the call by then. */
  cancelRequested(): boolean {
    const now = performance.now();
    if (now - this.#polledAt < POLL_EVERY_MS) return false;
    this.#polledAt = now;
    this.#line.poll?.();
    return false;
  }
}
