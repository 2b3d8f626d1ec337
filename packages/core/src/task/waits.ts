// Waits: the current waits of a task. Most tasks have one wait. A task that awaits several futures at once, for example
// by Promise.all, has several.
import type { Wait } from "../loop/strand.js";

/** A set of waits that allocates nothing for one wait. */
export class Waits implements Iterable<Wait> {
  #first: Wait | undefined;
  #others: Set<Wait> | undefined;

  add(wait: Wait): void {
    if (this.#first === undefined) this.#first = wait;
    else (this.#others ??= new Set()).add(wait);
  }

  delete(wait: Wait): void {
    if (this.#first === wait) this.#first = undefined;
    else this.#others?.delete(wait);
  }

  get empty(): boolean {
    return this.#first === undefined && (this.#others === undefined || this.#others.size === 0);
  }

  /** Iterates over a copy, because waits begin and end while they are cancelled. */
  *[Symbol.iterator](): IterableIterator<Wait> {
    const others = this.#others === undefined || this.#others.size === 0 ? [] : [...this.#others];
    if (this.#first !== undefined) yield this.#first;
    yield* others;
  }

  /** The wait, if there is exactly one; else `undefined`. */
  get only(): Wait | undefined {
    return this.#others === undefined || this.#others.size === 0 ? this.#first : undefined;
  }
}
