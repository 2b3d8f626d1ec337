// mapCalls: a map over a source with a bounded number of calls on their way. Used by every executor;
// reads the source only as results are taken, and cancels what is left when the consumer leaves.
import type { CallFuture } from "./call-future.js";
import { InvalidOptionError } from "./errors.js";
import type { MapOptions } from "./executor.js";

/**
 * @param submit starts the call for one item
 * @param parallelism how many calls can run at once; twice as many are kept on their way by default
 * @returns an iterator whose `return()` (an early `break`) cancels the calls on their way
 */
export async function* mapCalls<T, R>(
  submit: (item: T) => CallFuture<R>,
  items: Iterable<T> | AsyncIterable<T>,
  parallelism: number,
  options: MapOptions,
): AsyncGenerator<R, void, void> {
  const bufferSize = resolveCount("bufferSize", options.bufferSize) ?? Math.max(2, parallelism * 2);
  const ordered = options.ordered ?? true;
  const source = iterate(items);
  const pending: CallFuture<R>[] = [];
  let sourceDone = false;
  try {
    for (;;) {
      while (!sourceDone && pending.length < bufferSize) {
        const next = await source.next();
        if (next.done === true) sourceDone = true;
        else {
          const future = submit(next.value);
          future.catch(() => {}); // it is awaited below, perhaps later than it rejects
          pending.push(future);
        }
      }
      if (pending.length === 0) return;
      const index = ordered ? 0 : await firstSettled(pending);
      const [future] = pending.splice(index, 1);
      yield await future!;
    }
  } finally {
    for (const future of pending) future.cancel("the map was left");
    if (!sourceDone) await source.return?.();
  }
}

function iterate<T>(items: Iterable<T> | AsyncIterable<T>): AsyncIterator<T> | { next(): IteratorResult<T>; return?(): IteratorResult<T> } {
  if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
  if (Symbol.iterator in items) return items[Symbol.iterator]() as { next(): IteratorResult<T>; return?(): IteratorResult<T> };
  throw new TypeError("map takes an iterable or an async iterable of items");
}

function firstSettled(futures: readonly Promise<unknown>[]): Promise<number> {
  return new Promise((resolve) => {
    futures.forEach((future, index) => {
      const settled = (): void => resolve(index);
      future.then(settled, settled);
    });
  });
}

function resolveCount(option: string, value: unknown): number | undefined {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= 1)) return value as number | undefined;
  throw new InvalidOptionError(option, value, "an integer of 1 or more");
}
