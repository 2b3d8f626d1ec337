// The queue of calls that wait for a worker. Higher priorities leave first, and equal priorities leave in the order
// of submission. Ageing prevents starvation. A cancelled call keeps its place until it reaches the front, or until
// cancelled calls hold half of the places: then all of them are dropped. Removal costs constant time on average.

/** The properties of an item that the queue reads. */
export interface Queued {
  /** Grows with each submission. */
  readonly id: number;
  readonly priority: number;
  /** Whether the item still waits. The queue drops items that do not. */
  readonly waiting: boolean;
}

/**
 * Of this many calls that leave, one is the oldest call of the lowest priority. A steady stream of urgent calls
 * thereby slows the others down, but never stops them. A guess.
 */
const AGEING_TURN = 32;

/** The number of priorities that keep their queue when it is empty, because the next call usually has one of them. A guess. */
const MOST_KEPT = 8;

/** The number of taken items after which a queue frees their space. Freeing it more often would cost more than it frees. A guess. */
const FORGET_AFTER = 1_024;

/** Waiting calls, by priority. */
export class CallQueue<T extends Queued> {
  /** One for each priority in use, the highest first. */
  #fifos: Fifo<T>[] = [];
  #turn = 0;

  /** Adds an item behind the items of its priority that were submitted earlier. */
  push(item: T): void {
    this.#fifo(item.priority).push(item);
  }

  /** Puts an item that was taken and not used back to the front of its priority. */
  unshift(item: T): void {
    this.#fifo(item.priority).unshift(item);
  }

  /** An item that was not taken is about to stop waiting. */
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

  /** Takes all items out, in no particular order. */
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

/** Whether an item waits. Drops the items at the front that do not. */
function waits<T extends Queued>(fifo: Fifo<T>): boolean {
  for (let item = fifo.peek(); item !== undefined && !item.waiting; item = fifo.peek()) fifo.shift();
  return fifo.peek() !== undefined;
}

/** The number of items from which a queue drops those that no longer wait. With fewer items, a search costs more than it frees. */
const FEWEST_LEFT = 64;

/** An array with a moving head: constant time at both ends. */
class Fifo<T extends Queued> {
  readonly priority: number;
  /** The number of items that have left since the last clean-up. Some of them may have been dropped at the front. */
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
