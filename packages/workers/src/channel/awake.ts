// Keeps the event loop turning for a moment where something is about to come: to park a process and wake
// it again takes some 50 µs, more than many calls. Timers and sockets are served all the while. Where it
// has not paid, it is left out for longer and longer.
import { Backoff } from "../protocol/backoff.js";

export class Awake {
  readonly #ms: number;
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #until = 0;
  #expecting = false;
  #turning = false;

  /** @param ms how long it is worth waiting */
  constructor(ms: number, now: () => number = () => performance.now()) {
    this.#ms = ms;
    this.#now = now;
  }

  /** From now on something may come soon. */
  expect(): void {
    if (!this.#expecting && !this.#backoff.due()) return;
    this.#until = this.#now() + this.#ms;
    this.#expecting = true;
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  /** It has come. */
  arrived(): void {
    if (this.#expecting) this.#backoff.succeeded();
    this.#expecting = false;
  }

  readonly #turn = (): void => {
    if (this.#expecting && this.#now() < this.#until) return void setImmediate(this.#turn);
    this.#turning = false;
    if (this.#expecting) this.#backoff.failed();
    this.#expecting = false;
  };
}
