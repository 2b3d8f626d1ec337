// timeout(): a body that is cancelled when its time is over.
import { CancelledError, TimeoutError } from "../errors.js";
import { getEventLoop } from "../loop/running-loop.js";
import { createTask } from "./task.js";

/**
 * Runs `body` and cancels it after `delayMs`.
 * @returns what the body returns
 * @throws TimeoutError the time was over first; else what the body throws
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
 */
export async function timeout<T>(delayMs: number, body: () => T | PromiseLike<T>): Promise<Awaited<T>> {
  if (typeof delayMs !== "number" || Number.isNaN(delayMs)) throw new TypeError(`timeout takes milliseconds; got ${String(delayMs)}`);
  const task = createTask(body, { name: "timeout" });
  let expired = false;
  const handle = delayMs === Infinity ? undefined : getEventLoop().callLater(delayMs, () => {
    expired = true;
    task.cancel();
  });
  try {
    return await task;
  } catch (error) {
    if (expired && error instanceof CancelledError) throw new TimeoutError(delayMs, { cause: error });
    throw error;
  } finally {
    handle?.cancel();
  }
}
