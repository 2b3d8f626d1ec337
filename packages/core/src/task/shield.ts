// shield(): a wait that can be cancelled while the awaitable continues.
import type { Future } from "../future/future.js";
import { Follower } from "../future/follower.js";
import { ensureFuture, type ResultOf } from "./ensure-future.js";

/**
 * Returns a future that settles as `awaitable` does. Cancelling the future does not cancel `awaitable`.
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.shield
 */
export function shield<A>(awaitable: A): Future<ResultOf<A>> {
  const inner = ensureFuture(awaitable);
  if (inner.done()) return inner;
  const outer = new Follower<ResultOf<A>>([inner], inner.getLoop());
  const innerDone = (): void => {
    if (outer.cancelled()) return void inner.givesCancelled();
    if (outer.done()) return;
    if (inner.cancelled()) outer.cancel();
    else if (inner.rejected()) outer.setException(inner.exception());
    else outer.setResult(inner.result());
  };
  const outerDone = (): void => {
    if (!inner.done()) inner.removeDoneCallback(innerDone);
  };
  inner.whenDone(innerDone);
  outer.whenDone(outerDone);
  return outer;
}
