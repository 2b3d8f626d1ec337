// Takes room of a call's limiter before the call enters a queue.
import { callBackAs } from "../executor/caller-context.js";
import { isThenable } from "../executor/callee.js";
import type { Call } from "./call.js";

/**
 * Calls `then` when the limiter of the call has room; at once if it has no limiter. The call gives the room back when it is
 * done. If the call settles meanwhile, the room is given back and `then` is not called.
 * @param failed called with what `acquire()` throws
 * @returns whether the call waits
 */
export function acquireRoom(call: Call, then: () => void, failed: (error: unknown) => void): boolean {
  const { limiter } = call.options;
  if (limiter === undefined) {
    then();
    return false;
  }
  const { context } = call;
  const acquired = (): void => {
    if (call.settled) return callBackAs(context, () => limiter.release());
    call.limited = true;
    then();
  };
  try {
    const room = limiter.acquire();
    if (isThenable(room)) {
      room.then(acquired, failed);
      return true;
    }
    acquired();
  } catch (error) {
    failed(error);
  }
  return false;
}
