// Decides whether to make an attempt that pays only sometimes. Each failure doubles the number of attempts that are
// skipped, and a success halves it.

/** The largest number of attempts that are skipped in a row: rare enough not to show in a 99th percentile. */
const MOST = 256;

export class Backoff {
  #failures = 0;
  #skip = 0;

  /** Whether the next attempt is due. */
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
