// ReadyQueue: first in, first out, in a ring that grows. Shifting an array of many thousands of handles
// would move them all.

/** A queue in which adding and taking cost constant time. It never shrinks. */
export class ReadyQueue<T> {
  #ring: (T | undefined)[] = Array.from({ length: 64 });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length += 1;
  }

  /** @returns `undefined` if the queue is empty */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    return item;
  }

  /** Shuffles the queue, with the numbers of `random`. */
  shuffle(random: () => number): void {
    const items = this.#items();
    for (let left = items.length; left > 1; left -= 1) {
      const pick = Math.floor(random() * left);
      [items[left - 1], items[pick]] = [items[pick], items[left - 1]];
    }
    for (const [index, item] of items.entries()) this.#ring[(this.#head + index) & (this.#ring.length - 1)] = item;
  }

  #items(): (T | undefined)[] {
    // Copies two slices, because copying item by item would take most of the time of a burst of callbacks.
    const end = this.#head + this.#length;
    const items = this.#ring.slice(this.#head, end);
    return end <= this.#ring.length ? items : items.concat(this.#ring.slice(0, end - this.#ring.length));
  }

  #grow(): void {
    const items = this.#items();
    for (let empty = this.#ring.length; empty > 0; empty -= 1) items.push(undefined); // without holes, V8 reads the array faster
    this.#ring = items;
    this.#head = 0;
  }
}
