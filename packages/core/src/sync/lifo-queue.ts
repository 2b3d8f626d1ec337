// LifoQueue: a queue that gives the youngest item first.
import { type ItemStore, Stack } from "./item-store.js";
import { Queue } from "./queue.js";

/**
 * Last in, first out.
 * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.LifoQueue
 */
export class LifoQueue<T> extends Queue<T> {
  protected override readonly items: ItemStore<T> = new Stack<T>();
}
