// PriorityQueue: a queue that gives the least item first.
import { checkOptions, type OptionTable } from "@offloop/workers/executor";
import { Heap } from "./heap.js";
import type { ItemStore } from "./item-store.js";
import { checkOrderable, naturalOrder } from "./natural-order.js";
import { Queue } from "./queue.js";

/** Options of `new PriorityQueue`. */
export interface PriorityQueueOptions<T> {
  /**
   * Returns below 0 if `a` comes out before `b`, above 0 if after, 0 if they are equal.
   * @default numbers, strings and dates in ascending order; arrays by their first difference, as Python's tuples
   */
  readonly compare?: ((a: T, b: T) => number) | undefined;
}

const priorityQueueOptionTypes: OptionTable<PriorityQueueOptions<never>> = {
  compare: { takes: "a function (a, b) => number", accepts: (value) => typeof value === "function" },
};

/**
 * The least item comes out first; equal items come out in the order in which they were added.
 *
 * Without `compare`, `put` throws a TypeError for an item without a natural order, and does not add it.
 * @example
 * const jobs = new PriorityQueue<Job>(0, { compare: (a, b) => a.urgency - b.urgency });
 * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue
 */
export class PriorityQueue<T> extends Queue<T> {
  protected override readonly items: ItemStore<T>;
  readonly #natural: boolean;

  /**
   * @param maxsize as for `Queue`
   * @throws InvalidOptionError `compare` is no function
   */
  constructor(maxsize = 0, options?: PriorityQueueOptions<T>) {
    super(maxsize);
    const { compare } = checkOptions("new PriorityQueue()", options, priorityQueueOptionTypes as OptionTable<PriorityQueueOptions<T>>);
    this.#natural = compare === undefined;
    this.items = new Heap<T>(compare ?? naturalOrder);
  }

  /** @throws TypeError `item` has no natural order; as for `Queue` */
  override putNowait(item: T): void {
    if (this.#natural) checkOrderable(item); // now, because the comparison runs only with a second item
    super.putNowait(item);
  }
}
