// asCompleted(): yields several futures in the order in which they are done. The iterator is written by hand,
// because an async generator would await the futures that it yields.
import { checkOptions, type OptionTable } from "@offloop/workers/executor";
import { TimeoutError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Follower } from "../future/follower.js";
import type { TimerHandle } from "../loop/handle.js";
import { getRunningLoop } from "../loop/running-loop.js";
import { delay } from "./delay.js";
import { type Awaitables, type FuturesOf, givenFutures } from "./ensure-future.js";

/** A future, or a call of an executor, that is done. Its type has no `then`, because the compiler would treat the items of `for await` as awaited. */
export type DoneFuture<F> = F extends unknown ? Omit<F, "then" | "catch" | "finally"> : never;

/** Options of `asCompleted`. */
export interface AsCompletedOptions {
  /** Milliseconds after which the iteration throws `TimeoutError`. @default Infinity */
  timeoutMs?: number | undefined;
}

const asCompletedOptionTypes: OptionTable<AsCompletedOptions> = { timeoutMs: delay };

/**
 * Yields the futures of `awaitables`, as they were given, in the order in which they are done: `for await (const future of asCompleted(all)) use(future.result())`.
 * If the `for await` loop is left early, the other awaitables continue.
 * @throws (on iteration) TimeoutError not all awaitables were done after `timeoutMs`
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed
 */
export function asCompleted<A extends Awaitables>(awaitables: A, options?: AsCompletedOptions): AsyncIterableIterator<DoneFuture<FuturesOf<A>>> {
  const { timeoutMs = Infinity } = checkOptions("asCompleted()", options, asCompletedOptionTypes);
  return new AsCompleted(givenFutures("asCompleted", awaitables), timeoutMs) as AsyncIterableIterator<DoneFuture<FuturesOf<A>>>;
}

class AsCompleted implements AsyncIterableIterator<unknown> {
  /** The futures that are pending, each with the object to yield. */
  readonly #todo: Map<Future<unknown>, unknown>;
  readonly #pending = { [Symbol.iterator]: () => this.#todo.keys() };
  readonly #done: unknown[] = [];
  readonly #waiters: Future<void>[] = [];
  readonly #timeoutMs: number;
  readonly #timer: TimerHandle | undefined;
  #left: number;

  constructor(futures: Map<Future<unknown>, unknown>, timeoutMs: number) {
    this.#todo = futures;
    this.#left = futures.size;
    this.#timeoutMs = timeoutMs;
    for (const future of futures.keys()) future.whenDone(this.#completed);
    if (this.#left > 0 && timeoutMs !== Infinity) this.#timer = getRunningLoop().callLater(timeoutMs, this.#timedOut);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left -= 1;
    while (this.#done.length === 0) await this.#wait();
    const future = this.#done.shift();
    if (future !== undefined) return { done: false, value: future };
    this.#left = 0;
    throw new TimeoutError(this.#timeoutMs);
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#left = 0;
    this.#timer?.cancel();
    for (const future of this.#todo.keys()) future.removeDoneCallback(this.#completed);
    return { done: true, value: undefined };
  }

  async #wait(): Promise<void> {
    const waiter = new Follower<void>(this.#pending, getRunningLoop());
    this.#waiters.push(waiter);
    try {
      await waiter;
    } catch (error) {
      const index = this.#waiters.indexOf(waiter);
      if (index >= 0) this.#waiters.splice(index, 1);
      else if (this.#done.length > 0) this.#wakeNext();
      throw error;
    }
  }

  #completed = (future: Future<unknown>): void => {
    const given = this.#todo.get(future);
    this.#todo.delete(future);
    this.#put(given);
    if (this.#todo.size === 0) this.#timer?.cancel();
  };

  #timedOut = (): void => {
    for (const future of this.#todo.keys()) {
      future.removeDoneCallback(this.#completed);
      this.#put(undefined);
    }
    this.#todo.clear();
  };

  #put(future: unknown): void {
    this.#done.push(future);
    this.#wakeNext();
  }

  #wakeNext(): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      if (!waiter.done()) return waiter.setResult();
    }
  }
}
