// Runs a function over the items of a chunk, one after another, until one throws. In a worker for the
// pools, in place for the inline executor.
import { isThenable } from "./callee.js";
import type { ChunkResult } from "./map-calls.js";

/**
 * @param stop is asked before each item and throws where the call has been cancelled
 * @returns at once where the function is synchronous, else a promise; never rejects for what an item throws
 */
export function runChunk(fn: (item: unknown) => unknown, items: ArrayLike<unknown>, stop: () => void): ChunkResult<unknown> | Promise<ChunkResult<unknown>> {
  const started = performance.now();
  const values: unknown[] = [];
  const result = (failed?: ChunkResult<unknown>["failed"]): ChunkResult<unknown> => ({ values, failed, ms: performance.now() - started });
  try {
    // Reflect.apply keeps V8 from compiling the loop, and the user's function in it, into this try: its loops would be several times slower.
    const first = Reflect.apply(runSynchronous, undefined, [fn, items, values, stop]);
    return first === undefined ? result() : finishLater(first);
  } catch (error) {
    stop(); // an item did not throw if this does
    return result({ error });
  }

  async function finishLater(first: PromiseLike<unknown>): Promise<ChunkResult<unknown>> {
    try {
      values.push(await first);
      while (values.length < items.length) {
        stop();
        values.push(await fn(items[values.length]));
      }
    } catch (error) {
      stop();
      return result({ error });
    }
    return result();
  }
}

/** Up to the first result that has to be awaited, which is returned. */
function runSynchronous(fn: (item: unknown) => unknown, items: ArrayLike<unknown>, values: unknown[], stop: () => void): PromiseLike<unknown> | undefined {
  for (let index = 0; index < items.length; index += 1) {
    stop();
    const value = fn(items[index]);
    if (isThenable(value)) return value;
    values.push(value);
  }
  return undefined;
}

/**
 * Numbers travel as one block of memory: a tenth of the cost of an array of them. Anything else as it is.
 * @param least fewer numbers are not worth the block
 */
export function packNumbers(values: unknown[], least = 16): ArrayLike<unknown> {
  if (values.length < least) return values;
  for (let index = 0; index < values.length; index += 1) if (typeof values[index] !== "number") return values;
  return new Float64Array(values as number[]);
}
