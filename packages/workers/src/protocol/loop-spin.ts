// Keeps the event loop turning without sleeping while an answer is expected (spinning). Putting a thread to sleep and
// waking it takes about 50 µs, which is more than many calls take. Timers and sockets are still served. If spinning
// finds no answer, it is skipped more and more often.
//
//   expect() ─▶ turn ─▶ turn … until the answer has arrived, or for `ms`
import { now as realNow, setImmediate } from "../executor/real-time.js";
import { Backoff } from "./backoff.js";

/**
 * Milliseconds after `expect()` for which the event loop does not sleep. A guess: twice the time to wake a
 * thread, which limits the loss if no answer arrives.
 */
export const SPIN_MS = 0.1;

/** The result of a poll: answers arrived, none has arrived yet, or none is expected. */
export type Polled = "found" | "expecting" | "nothing";

/** Options of a LoopSpin. Tests replace the clock and the turns. */
export interface LoopSpinOptions {
  /** @default SPIN_MS */
  readonly ms?: number;
  /** Called at each turn to receive answers. @default undefined: `arrived()` reports an answer */
  poll?(): Polled;
  /** Whether a core is free. */
  mayStart?(): boolean;
  now?(): number;
  /** Runs `then` in the next turn of the event loop. */
  nextTurn?(then: () => void): void;
}

export class LoopSpin {
  readonly #ms: number;
  readonly #poll: () => Polled;
  readonly #mayStart: () => boolean;
  readonly #now: () => number;
  readonly #nextTurn: (then: () => void) => void;
  readonly #backoff = new Backoff();
  #until = 0;
  #expecting = false;
  #turning = false;

  constructor({ ms = SPIN_MS, poll = () => (this.#expecting ? "expecting" : "nothing"), mayStart = () => true, now = realNow, nextTurn = setImmediate }: LoopSpinOptions = {}) {
    this.#ms = ms;
    this.#poll = poll;
    this.#mayStart = mayStart;
    this.#now = now;
    this.#nextTurn = nextTurn;
  }

  /** An answer is expected soon. */
  expect(): void {
    if (!this.#mayStart() || (!this.#turning && !this.#backoff.due())) return;
    this.#until = this.#now() + this.#ms;
    this.#expecting = true;
    if (this.#turning) return;
    this.#turning = true;
    this.#nextTurn(this.#turn);
  }

  /** The answer has arrived. */
  arrived(): void {
    if (this.#expecting) this.#backoff.succeeded();
    this.#expecting = false;
  }

  readonly #turn = (): void => {
    const outcome = this.#poll();
    if (outcome === "found") this.#backoff.succeeded();
    if (outcome !== "nothing" && this.#now() < this.#until) return this.#nextTurn(this.#turn);
    this.#turning = false;
    this.#expecting = false;
    if (outcome === "expecting") this.#backoff.failed();
  };
}
