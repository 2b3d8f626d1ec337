// Decides how long an idle worker spins before it sleeps until its next message. Putting a thread to sleep and waking
// it takes about 50 µs, which is more than many calls take. So the worker spins for a short time, if spinning has
// found messages before. Its event loop turns meanwhile, so timers and sockets of user code are served.
//
//   woken ─▶ spin for LOOK_MS ─▶ a turn of the event loop ─▶ spin … until PATIENCE_MS after the last message
import { now as realNow } from "../executor/real-time.js";
import { Backoff } from "../protocol/backoff.js";

/** Milliseconds of spinning after which the event loop turns. */
const LOOK_MS = 0.05;

/** Milliseconds after a message during which the worker spins. A guess: longer than a caller takes to make its next call. */
const PATIENCE_MS = 0.1;

export class Attention {
  readonly #mayLook: () => boolean;
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #patientUntil = 0;
  #lookUntil = 0;
  #found = false;

  /** @param mayLook whether a core is free */
  constructor(mayLook: () => boolean, now: () => number = realNow) {
    this.#mayLook = mayLook;
    this.#now = now;
  }

  /** The event loop has delivered a message. */
  woken(): void {
    if (this.#patientUntil === 0) {
      this.#found = false;
      if (!this.#backoff.due()) return;
    }
    const now = this.#now();
    this.#patientUntil = now + PATIENCE_MS;
    this.#lookUntil = now + LOOK_MS;
  }

  /** The worker has other work: it stops spinning. */
  turnAway(): void {
    this.#patientUntil = 0;
  }

  /**
   * Spins for the next message.
   * @returns `arrived`: there is one; `turn`: let the event loop turn without waiting, then call again;
   * `wait`: let the event loop wait
   */
  look(arrived: () => boolean): "arrived" | "turn" | "wait" {
    if (this.#patientUntil === 0) return "wait";
    let now = this.#now();
    while (now < this.#lookUntil) {
      if (arrived()) {
        if (!this.#found) this.#backoff.succeeded();
        this.#found = true;
        this.#patientUntil = now + PATIENCE_MS;
        return "arrived";
      }
      if (!this.#mayLook()) {
        this.#patientUntil = 0;
        return "wait";
      }
      now = this.#now();
    }
    if (now < this.#patientUntil) {
      this.#lookUntil = now + LOOK_MS;
      return "turn";
    }
    if (!this.#found) this.#backoff.failed();
    this.#patientUntil = 0;
    return "wait";
  }
}
