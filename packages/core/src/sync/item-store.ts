// The items of a queue. Queues differ only in the order in which items come out.

/** A collection that a queue takes its items from. */
export interface ItemStore<T> extends Iterable<T> {
  /** The number of items in the store. */
  readonly size: number;
  /** Adds `item`. If it throws, nothing has changed. */
  add(item: T): void;
  /** Removes the next item. It is not called when the store is empty. */
  take(): T;
  /** Puts back an item that was taken. It is the next item again. */
  putBack(item: T): void;
}

/** The store drops taken items together, when there are this many and they are half of all items. */
const DROP_AT_LEAST = 1_024;

/** First in, first out. */
export class Fifo<T> implements ItemStore<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= DROP_AT_LEAST && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  putBack(item: T): void {
    if (this.#head === 0) this.#items.unshift(item);
    else this.#items[(this.#head -= 1)] = item;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#head; at < this.#items.length; at += 1) yield this.#items[at] as T;
  }
}

/** Last in, first out. */
export class Stack<T> implements ItemStore<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }

  putBack(item: T): void {
    this.#items.push(item);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }
}
