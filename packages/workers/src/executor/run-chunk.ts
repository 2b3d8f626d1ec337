// Runs a function over the items of a chunk, in order, until one throws. Used in workers, and by the inline
// executor on the calling thread.
import { now as realNow } from "./real-time.js";
import { isThenable } from "./callee.js";
import type { ChunkResult } from "./map-calls.js";

/**
 * @param stop called before each item; throws if the call has been cancelled
 * @returns at once if the function is synchronous, otherwise a promise; never rejects for what an item throws
 */
export function runChunk(fn: (item: unknown) => unknown, items: ArrayLike<unknown>, stop: () => void): ChunkResult<unknown> | Promise<ChunkResult<unknown>> {
  const started = realNow();
  const values: unknown[] = [];
  const result = (failed?: ChunkResult<unknown>["failed"]): ChunkResult<unknown> => ({ values, failed, ms: realNow() - started });
  try {
    // Reflect.apply keeps V8 from inlining the loop, and the user's function, into this `try`, which makes loops several times slower.
    const first = Reflect.apply(runSynchronous, undefined, [fn, items, values, stop]);
    return first === undefined ? result() : finishLater(first);
  } catch (error) {
    stop(); // a cancellation is not the error of an item
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

/** Runs items up to the first result that must be awaited, and returns that result. */
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
 * Packs numbers into one block of memory, which costs a tenth of an array of them. Returns other values unchanged.
 * @param least fewer numbers are not packed
 */
export function packNumbers(values: unknown[], least = 16): ArrayLike<unknown> {
  if (values.length < least) return values;
  for (let index = 0; index < values.length; index += 1) if (typeof values[index] !== "number") return values;
  return new Float64Array(values as number[]);
}
