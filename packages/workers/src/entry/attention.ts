// How closely a worker that has nothing to do looks for its next message. To park it and wake it again
// takes some 50 µs, more than many calls: so it looks a little longer before it goes back to waiting, as
// long as that pays. Its event loop turns all the while: timers and sockets of user code live on.
//
//   woken ─▶ look, LOOK_MS at a stretch ─▶ a turn of the event loop ─▶ look … until PATIENCE_MS after the last message
import { Backoff } from "../protocol/backoff.js";

/** The event loop gets a turn after so long. */
const LOOK_MS = 0.05;

/** So long after a message it still looks for the next. A guess: what a caller takes to make its next call, and some. */
const PATIENCE_MS = 0.1;

export class Attention {
  readonly #mayLook: () => boolean;
  readonly #now: () => number;
  readonly #backoff = new Backoff();
  #patientUntil = 0;
  #lookUntil = 0;
  #found = false;

  /** @param mayLook whether there is a core for it */
  constructor(mayLook: () => boolean, now: () => number = () => performance.now()) {
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

  /** There is something else to do. */
  turnAway(): void {
    this.#patientUntil = 0;
  }

  /**
   * Waits a little for the next message.
   * @returns `arrived`: there is one; `turn`: the event loop shall turn without waiting, and then it looks
   * again; `wait`: it is time to wait for the event loop
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
