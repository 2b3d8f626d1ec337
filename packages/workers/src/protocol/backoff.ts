// Whether something that pays only now and then is worth another try: each failure doubles the number
// of times that it is left out, and a success halves it.

/** The most times in a row that it is left out: tried so seldom, it does not show in a 99th percentile. */
const MOST = 256;

export class Backoff {
  #failures = 0;
  #skip = 0;

  /** Whether it is time to try. */
  due(): boolean {
    if (this.#skip === 0) return true;
    this.#skip -= 1;
    return false;
  }

  succeeded(): void {
    this.#failures = Math.max(0, this.#failures - 1);
    this.#skip = 0;
  }

  failed(): void {
    this.#skip = 2 ** this.#failures;
    if (this.#skip < MOST) this.#failures += 1;
  }
}
