// Random choices from a seed, the same on every machine. The choices of a call do not depend on the order in which calls run.

export class Random {
  #seed;
  #state;

  constructor(seed) {
    this.#seed = this.#state = seed >>> 0;
  }

  /** Choices of their own for one part of a round. They do not depend on how many choices other parts have made. */
  fork(part) {
    return new Random(Math.imul(this.#seed ^ Math.imul(part + 1, 0x9e3779b1), 0x85ebca6b) ^ (part >>> 3));
  }

  /** Mulberry32. @returns 0 up to, not including, 1 */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of `[weight, value]`. */
  weighed(list) {
    let left = this.next() * list.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of list) if ((left -= weight) < 0) return value;
    return list.at(-1)[1];
  }
}
