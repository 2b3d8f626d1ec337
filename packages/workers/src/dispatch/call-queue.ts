// The queue of calls that wait for a worker: highest priority first, equals in the order of
// submission, with ageing. A cancelled call keeps its place until it comes to the front, or until half of the
// places are taken by such calls: then all of them are dropped. Removal costs constant time on average.

/** What the queue needs to know of its items. */
export interface Queued {
  /** Grows with each submission. */
  readonly id: number;
  readonly priority: number;
  /** Whether it still waits. The queue drops items that do not. */
  readonly waiting: boolean;
}

/**
 * One call in this many that leave is the one that waits longest of the lowest priority, so that a
 * steady stream of urgent calls slows the others down but never stops them. A guess.
 */
const AGEING_TURN = 32;

/** So many priorities keep their queue when it is empty: the next call most often has one of them. A guess. */
const MOST_KEPT = 8;

/** The number of taken items after which a queue frees their space. Freeing it more often would cost more than it frees. A guess. */
const FORGET_AFTER = 1_024;

/** Waiting calls, by priority. */
export class CallQueue<T extends Queued> {
  /** One for each priority in use, the highest first. */
  #fifos: Fifo<T>[] = [];
  #turn = 0;

  /** Puts an item to its place among its equals: the last, unless it was submitted before others that wait. */
  push(item: T): void {
    this.#fifo(item.priority).push(item);
  }

  /** Puts an item back to the front of its equals: it was taken, and not used. */
  unshift(item: T): void {
    this.#fifo(item.priority).unshift(item);
  }

  /** A waiting item is about to wait no longer, and was not taken. */
  left(item: T): void {
    this.#fifo(item.priority).left();
  }

  /** The item that `take` would give. */
  peek(): T | undefined {
    return this.#front()?.peek();
  }

  take(): T | undefined {
    const fifo = this.#front();
    if (fifo === undefined) return undefined;
    this.#turn = (this.#turn + 1) % AGEING_TURN;
    return fifo.shift();
  }

  /** Takes everything out, in no promised order. */
  *drain(): Generator<T> {
    for (let item = this.take(); item !== undefined; item = this.take()) yield item;
  }

  /** The queue that serves this turn, with an item that waits at its front. */
  #front(): Fifo<T> | undefined {
    if (this.#fifos.length > MOST_KEPT) this.#fifos = this.#fifos.filter(waits);
    const aged = this.#turn === AGEING_TURN - 1;
    const last = this.#fifos.length - 1;
    for (let index = 0; index <= last; index += 1) {
      const fifo = this.#fifos[aged ? last - index : index]!;
      if (waits(fifo)) return fifo;
    }
    return undefined;
  }

  #fifo(priority: number): Fifo<T> {
    for (const fifo of this.#fifos) if (fifo.priority === priority) return fifo;
    const fifo = new Fifo<T>(priority);
    this.#fifos = [...this.#fifos, fifo].sort((a, b) => b.priority - a.priority);
    return fifo;
  }
}

/** Whether an item waits; those before it that do not are dropped. */
function waits<T extends Queued>(fifo: Fifo<T>): boolean {
  for (let item = fifo.peek(); item !== undefined && !item.waiting; item = fifo.peek()) fifo.shift();
  return fifo.peek() !== undefined;
}

/** The number of items from which a queue drops those that no longer wait. With fewer items, a search costs more than it frees. */
const FEWEST_LEFT = 64;

/** An array with a moving head: constant time at both ends. */
class Fifo<T extends Queued> {
  readonly priority: number;
  /** How many items have left since the last look; some of them may have been dropped at the front. */
  #left = 0;
  #items: (T | undefined)[] = [];
  #head = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    while (index > this.#head && items[index - 1]!.id > item.id) index -= 1;
    if (index === items.length) items.push(item);
    else items.splice(index, 0, item);
  }

  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  left(): void {
    this.#left += 1;
    if (this.#left < FEWEST_LEFT || this.#left * 2 < this.#items.length - this.#head) return;
    this.#items = this.#items.slice(this.#head).filter((item) => item!.waiting);
    this.#head = 0;
    this.#left = 0;
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > FORGET_AFTER && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
