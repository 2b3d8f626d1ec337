// sleep(): a pause that can be cancelled.
import type { TimerHandle } from "../loop/handle.js";
import { getEventLoop } from "../loop/running-loop.js";
import { Future } from "./future.js";

/**
 * Resolves with `result` after `delayMs`; with 0 after what is scheduled already.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.sleep
 */
export function sleep(delayMs: number): Future<undefined>;
export function sleep<T>(delayMs: number, result: T): Future<T>;
export function sleep<T>(delayMs: number, result?: T): Future<T | undefined> {
  if (typeof delayMs !== "number" || Number.isNaN(delayMs)) throw new TypeError(`sleep takes a delay in milliseconds; got ${String(delayMs)}`);
  return new Sleep(delayMs, result);
}

class Sleep<T> extends Future<T | undefined> {
  readonly #handle;

  constructor(delayMs: number, result: T | undefined) {
    super();
    const wake = (): void => {
      if (!this.done()) this.setResult(result);
    };
    this.#handle = delayMs <= 0 ? getEventLoop().callSoon(wake) : (getEventLoop().callLater(delayMs, wake) as TimerHandle);
  }

  override cancel(message?: unknown): boolean {
    this.#handle.cancel();
    return super.cancel(message);
  }
}
