// A binary heap: the least item comes out first, and equal items come out in the order in which they were added. The
// user's comparison may throw, so all comparisons are made before an item is moved.
import { textOf } from "@offloop/workers/executor";
import { InvalidArgumentError } from "../errors.js";
import type { ItemStore } from "./item-store.js";

interface Entry<T> {
  readonly item: T;
  readonly sequence: number;
}

/** The items of a PriorityQueue. */
export class Heap<T> implements ItemStore<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #entries: Entry<T>[] = [];
  #sequence = 0;
  /** The sequence number of the item that was put back last. It is below all other numbers. */
  #lowestSequence = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(item: T): void {
    this.#insert({ item, sequence: this.#sequence });
    this.#sequence += 1;
  }

  putBack(item: T): void {
    this.#insert({ item, sequence: (this.#lowestSequence -= 1) });
  }

  take(): T {
    const last = this.#entries.at(-1)!;
    const size = this.#entries.length - 1;
    const path: number[] = [];
    for (let at = 0; ; ) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#before(this.#entries[child + 1]!, this.#entries[child]!)) child += 1;
      if (!this.#before(this.#entries[child]!, last)) break;
      path.push(child);
      at = child;
    }
    const { item } = this.#entries[0]!;
    this.#entries.pop();
    if (size > 0) this.#move(0, path, last);
    return item;
  }

  /** In no particular order. */
  *[Symbol.iterator](): Iterator<T> {
    for (const { item } of this.#entries) yield item;
  }

  #insert(entry: Entry<T>): void {
    const path: number[] = [];
    for (let at = this.#entries.length; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, this.#entries[parent]!)) break;
      path.push(parent);
      at = parent;
    }
    this.#move(this.#entries.length, path, entry);
  }

  /** Moves each item on `path` one place back, towards `at`, and puts `entry` at the end of the path. */
  #move(at: number, path: readonly number[], entry: Entry<T>): void {
    let hole = at;
    for (const next of path) {
      this.#entries[hole] = this.#entries[next]!;
      hole = next;
    }
    this.#entries[hole] = entry;
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    if (typeof order !== "number" || Number.isNaN(order)) throw new InvalidArgumentError(`The compare function of a PriorityQueue must return a number below, at or above 0; got ${textOf(order)}.`);
    return order === 0 ? a.sequence < b.sequence : order < 0;
  }
}
