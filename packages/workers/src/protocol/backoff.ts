// Whether something that pays only now and then is worth another try: each failure doubles the number
// of times that it is left out, and a success forgets them.

/** The most times in a row that it is left out. */
const MOST = 64;

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
    this.#failures = 0;
    this.#skip = 0;
  }

  failed(): void {
    this.#skip = Math.min(MOST, 2 ** this.#failures);
    this.#failures += 1;
  }
}
