// Queue: passes items from tasks that put them to tasks that get them.
//
//   put() ─▶ room? ─▶ items ─▶ get()           no room: put() waits    no item: get() waits
//                       └▶ taskDone() once for each item that was taken, then join() resolves
//
// A waiter is woken for an item and takes it in its step. A getNowait() before that step may take the
// item first; the waiter then stands in line again, at its end.
import { bindToThread, checkOption, checkOptions, flag, number, type OptionTable } from "@offloop/workers/executor";
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Described } from "./describe.js";
import { QueueEmpty, QueueFull, QueueShutDown } from "./errors.js";
import { Fifo, type ItemStore } from "./item-store.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/** Options of `Queue.shutdown`. */
export interface QueueShutdownOptions {
  /** `true`: drops the items in the queue, and counts them as done. @default false */
  immediate?: boolean | undefined;
}

const queueShutdownOptionTypes: OptionTable<QueueShutdownOptions> = { immediate: flag };

/**
 * First in, first out. `for await (const item of queue)` gets items until the queue is shut down.
 *
 * A cancelled wait takes no item, adds no item, and passes its turn on.
 * @example
 * const urls = new Queue<string>(100);
 * const workers = Array.from({ length: 4 }, () => createTask(async () => {
 *   for await (const url of urls) { await visit(url); urls.taskDone(); }
 * }));
 * for (const url of found) await urls.put(url);
 * await urls.join();
 * urls.shutdown();
 * await gather(workers);
 * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue
 */
export class Queue<T> extends Described implements AsyncIterable<T> {
  static {
    bindToThread(this.prototype, "in the worker, await fromThread(put, item), where put is an exported function that uses it, or report values by taskContext().progress() and onProgress");
  }

  /** The number of items at which `put` waits for room; 0 or less: no limit. */
  readonly maxsize: number;
  /** The items. Subclasses replace the store to change the order in which items come out. */
  protected readonly items: ItemStore<T> = new Fifo<T>();
  readonly #getters = new WaitQueue();
  readonly #putters = new WaitQueue();
  readonly #joiners = new WaitQueue();
  #unfinished = 0;
  #shutDown = false;
  readonly #getTurn: Turn<T> = {
    line: this.#getters,
    take: () => (this.empty() && !this.#shutDown ? notYet : this.getNowait()),
    passOn: (woken) => {
      if (woken && !this.empty()) this.#getters.wakeNext(); // the item that the waiter was woken for
    },
    giveBack: (item) => {
      this.items.putBack(item);
      this.#getters.wakeNext();
    },
  };
  readonly #joinTurn: Turn<void> = {
    line: this.#joiners,
    take: (woken) => (woken || this.#unfinished === 0 ? undefined : notYet),
    passOn: () => {},
  };

  /**
   * @param maxsize the number of items at which `put` waits; 0 or less: no limit
   * @throws InvalidOptionError `maxsize` is no number
   */
  constructor(maxsize = 0) {
    super();
    checkOption("new Queue()", "maxsize", maxsize, { takes: "a number of items; 0 for any number", accepts: number.accepts });
    this.maxsize = maxsize;
  }

  /** The number of items in the queue. */
  qsize(): number {
    return this.items.size;
  }

  /** Whether no item waits. */
  empty(): boolean {
    return this.items.size === 0;
  }

  /** Whether the queue has `maxsize` items, so that `put` waits. Never true for a queue without a limit. */
  full(): boolean {
    return this.maxsize > 0 && this.items.size >= this.maxsize;
  }

  /**
   * Adds `item`. If the queue is full, it waits for room.
   * @throws QueueShutDown the queue was shut down, before or meanwhile; CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: the item was not added
   * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.put
   */
  put(item: T, options?: Abortable): Future<void> {
    return takeTurn(this.#putTurn(item), options, "Queue.put()");
  }

  /**
   * Adds `item` without waiting.
   * @throws QueueFull there is no room; QueueShutDown the queue was shut down
   */
  putNowait(item: T): void {
    if (this.#shutDown) throw new QueueShutDown();
    if (this.full()) throw new QueueFull();
    this.items.add(item);
    this.#unfinished += 1;
    this.#getters.wakeNext();
  }

  /**
   * Takes the next item. If the queue is empty, it waits for one.
   * @throws QueueShutDown the queue was shut down, and is empty; CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: no item is taken
   * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.get
   */
  get(options?: Abortable): Future<T> {
    return takeTurn(this.#getTurn, options, "Queue.get()");
  }

  /**
   * Takes the next item without waiting.
   * @throws QueueEmpty the queue is empty; QueueShutDown the queue is empty, and was shut down
   */
  getNowait(): T {
    if (this.empty()) throw this.#shutDown ? new QueueShutDown() : new QueueEmpty();
    const item = this.items.take();
    this.#putters.wakeNext();
    return item;
  }

  /**
   * Marks the work on one item as done. A program that uses `join` calls it once for each item that it took.
   * @throws InvalidStateError it was called more often than items were added
   */
  taskDone(): void {
    if (this.#unfinished <= 0) throw new InvalidStateError("taskDone() was called more often than items were put into the queue. Call it once for each item that get() gave.");
    this.#unfinished -= 1;
    if (this.#unfinished === 0) this.#joiners.wakeAll();
  }

  /**
   * Resolves when `taskDone` was called for every item that was added.
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`
   */
  join(options?: Abortable): Future<void> {
    return takeTurn(this.#joinTurn, options, "Queue.join()");
  }

  /**
   * Refuses further items. Waiting `put`s reject with `QueueShutDown`. `get` returns items until the queue is empty.
   * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.Queue.shutdown
   */
  shutdown(options?: QueueShutdownOptions): void {
    const { immediate = false } = checkOptions("Queue.shutdown()", options, queueShutdownOptionTypes);
    this.#shutDown = true;
    if (immediate) {
      while (!this.empty()) {
        this.items.take();
        if (this.#unfinished > 0) this.#unfinished -= 1;
      }
      if (this.#unfinished === 0) this.#joiners.wakeAll();
    }
    this.#getters.wakeAll();
    this.#putters.wakeAll();
  }

  /** Written by hand, because an async generator would queue its `next()` calls behind each other. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => {
        try {
          return { done: false, value: await this.get() };
        } catch (error) {
          if (error instanceof QueueShutDown) return { done: true, value: undefined };
          throw error;
        }
      },
    };
  }

  #putTurn(item: T): Turn<void> {
    return {
      line: this.#putters,
      take: () => (this.full() && !this.#shutDown ? notYet : this.putNowait(item)),
      passOn: (woken) => {
        if (woken && !this.full()) this.#putters.wakeNext(); // the room that the waiter was woken for
      },
    };
  }

  protected override describe(): string[] {
    const parts = [`maxsize: ${this.maxsize}`];
    if (!this.empty()) parts.push(`items: ${this.qsize()}`);
    if (this.#getters.asleep > 0) parts.push(`getters: ${this.#getters.asleep}`);
    if (this.#putters.asleep > 0) parts.push(`putters: ${this.#putters.asleep}`);
    if (this.#unfinished > 0) parts.push(`unfinished: ${this.#unfinished}`);
    if (this.#shutDown) parts.push("shut down");
    return parts;
  }
}
