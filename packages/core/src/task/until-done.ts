// untilDone(): the wait that the functions for several futures share. It leaves no callback behind.
import type { Future } from "../future/future.js";
import { Follower } from "../future/follower.js";
import { getRunningLoop } from "../loop/running-loop.js";

/**
 * Waits until `isEnough` returns true for a future that is done, or for `timeoutMs` milliseconds.
 * @param isEnough called once for each future, in the order in which they are done
 */
export async function untilDone<T>(futures: Iterable<Future<T>>, isEnough: (future: Future<T>) => boolean, timeoutMs = Infinity): Promise<void> {
  const loop = getRunningLoop();
  const waiter = new Follower<void>(futures, loop);
  const release = (): void => {
    if (!waiter.done()) waiter.setResult();
  };
  const timer = timeoutMs === Infinity ? undefined : loop.callLater(timeoutMs, release);
  const completed = (future: Future<T>): void => {
    if (!isEnough(future)) return;
    timer?.cancel();
    release();
  };
  for (const future of futures) future.whenDone(completed);
  try {
    await waiter;
  } finally {
    timer?.cancel();
    for (const future of futures) future.removeDoneCallback(completed);
  }
}

/** Cancels `future` and waits until it is done, however it ends. */
export async function cancelAndWait(future: Future<unknown>, message?: unknown): Promise<void> {
  future.cancel(message);
  await untilDone([future], () => true);
}
