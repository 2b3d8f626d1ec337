// Runs a function over the items of a chunk, one after another, until one throws. In a worker for the
// pools, in place for the inline executor.
import type { ChunkResult } from "./map-calls.js";

/**
 * @param stop is asked before each item and throws where the call has been cancelled
 * @returns at once where the function is synchronous, else a promise; never rejects for what an item throws
 */
export function runChunk(fn: (item: unknown) => unknown, items: ArrayLike<unknown>, stop: () => void): ChunkResult<unknown> | Promise<ChunkResult<unknown>> {
  const started = performance.now();
  const values: unknown[] = [];
  const result = (failed?: ChunkResult<unknown>["failed"]): ChunkResult<unknown> => ({ values, failed, ms: performance.now() - started });
  for (let index = 0; index < items.length; index += 1) {
    stop();
    try {
      const value = fn(items[index]);
      if (isThenable(value)) return finishLater(value, index + 1);
      values.push(value);
    } catch (error) {
      return result({ error });
    }
  }
  return result();

  async function finishLater(first: PromiseLike<unknown>, from: number): Promise<ChunkResult<unknown>> {
    try {
      values.push(await first);
      for (let index = from; index < items.length; index += 1) {
        stop();
        values.push(await fn(items[index]));
      }
    } catch (error) {
      return result({ error });
    }
    return result();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Numbers travel as one block of memory: a tenth of the cost of an array of them. Anything else as it is. */
export function packNumbers(values: unknown[]): ArrayLike<unknown> {
  if (values.length < LEAST_NUMBERS || !values.every((value) => typeof value === "number")) return values;
  return Float64Array.from(values as number[]);
}

/** Fewer numbers are not worth the block. */
const LEAST_NUMBERS = 16;
