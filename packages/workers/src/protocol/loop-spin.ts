// Keeps the event loop turning, without sleeping, while an answer is about to come: to put a thread to sleep
// and to wake it takes some 50 µs, which is more than many calls take. Timers and sockets are served meanwhile.
// Where spinning has not found an answer, it is left out ever more often.
//
//   expect() ─▶ turn ─▶ turn … until the answer has come, or for `ms`
import { Backoff } from "./backoff.js";

/**
 * Milliseconds after `expect()` for which the event loop does not sleep. A guess: twice what it takes to wake a
 * thread, which bounds the loss where nothing comes.
 */
export const SPIN_MS = 0.1;

/** What a look for answers found: some, none yet, or that none is expected. */
export type Polled = "found" | "expecting" | "nothing";

export interface LoopSpinOptions {
  /** @default SPIN_MS */
  readonly ms?: number;
  /** Looks for answers at each turn. Without it, `arrived()` says that an answer has come. */
  poll?(): Polled;
  /** Whether a core is free for it. */
  mayStart?(): boolean;
  now?(): number;
}

export class LoopSpin {
  readonly #ms: number;
  readonly #poll: () => Polled;
  readonly #mayStart: () => boolean;
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #until = 0;
  #expecting = false;
  #turning = false;

  constructor({ ms = SPIN_MS, poll = () => (this.#expecting ? "expecting" : "nothing"), mayStart = () => true, now = () => performance.now() }: LoopSpinOptions = {}) {
    this.#ms = ms;
    this.#poll = poll;
    this.#mayStart = mayStart;
    this.#now = now;
  }

  /** An answer may come soon. */
  expect(): void {
    if (!this.#mayStart() || (!this.#turning && !this.#backoff.due())) return;
    this.#until = this.#now() + this.#ms;
    this.#expecting = true;
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(this.#turn);
  }

  /** The answer has come. */
  arrived(): void {
    if (this.#expecting) this.#backoff.succeeded();
    this.#expecting = false;
  }

  readonly #turn = (): void => {
    const outcome = this.#poll();
    if (outcome === "found") this.#backoff.succeeded();
    if (outcome !== "nothing" && this.#now() < this.#until) return void setImmediate(this.#turn);
    this.#turning = false;
    this.#expecting = false;
    if (outcome === "expecting") this.#backoff.failed();
  };
}
