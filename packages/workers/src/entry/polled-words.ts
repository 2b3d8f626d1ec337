// How synchronous code detects its cancellation if a worker shares neither memory nor a file with the main
// side: the worker reads its line in the middle of the call, which delivers the `cancel` message.
import { now as realNow } from "../executor/real-time.js";
import type { CancelWords } from "../protocol/slots.js";

/** Milliseconds between two reads. A read costs a system call, about 1 µs, and a loop may ask in each iteration. */
const POLL_EVERY_MS = 0.1;

export class PolledWords implements CancelWords {
  readonly #line: { poll?(): void };
  #polledAt = -Infinity;

  constructor(line: { poll?(): void }) {
    this.#line = line;
  }

  /** Always `false`: a message that has arrived has already cancelled the call. */
  cancelRequested(): boolean {
    const now = realNow();
    if (now - this.#polledAt < POLL_EVERY_MS) return false;
    this.#polledAt = now;
    this.#line.poll?.();
    return false;
  }
}
