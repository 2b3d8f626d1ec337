// Keeps the process alive while a call is pending, and at no other time. One timer that never fires
// does it for a whole pool: workers and their ports stay unreferenced, whatever they do.

/** The longest delay that a timer takes, about 25 days: when it fires nothing happens. */
const LONGEST_MS = 2 ** 31 - 1;

/** Counts what is pending. */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Something is pending from now on, until `release`. */
  hold(): void {
    this.#count += 1;
    if (this.#count > 1) return;
    if (this.#timer === undefined) this.#timer = setInterval(() => {}, LONGEST_MS);
    else this.#timer.ref();
  }

  release(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#timer?.unref();
  }

  /** Lets go of the timer itself: nothing will be held again. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
