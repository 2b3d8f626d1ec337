// race() and firstCompleted(): the first of several awaitables. Unlike Promise.race, they leave no callback behind on
// the other awaitables.
import { InvalidArgumentError } from "../errors.js";
import type { Future } from "../future/future.js";
import { giveBack } from "../future/give-back.js";
import { type AnyResultOf, type Awaitables, ensureFutures } from "./ensure-future.js";
import { cancelAndWait, untilDone } from "./until-done.js";

/**
 * Settles as the first of `awaitables` does. The others continue, also if the wait is cancelled.
 */
export async function firstCompleted<A extends Awaitables>(awaitables: A): Promise<AnyResultOf<A>> {
  return (await first("firstCompleted", awaitables)).winner.result() as AnyResultOf<A>;
}

/**
 * Cancels the other awaitables when the first of `awaitables` is done. When they have ended, it settles as the first did.
 * If the wait itself is cancelled, all awaitables are cancelled.
 *
 * An awaitable that was cancelled but already has an item of a queue, a lock or a permit gives it back.
 */
export async function race<A extends Awaitables>(awaitables: A): Promise<AnyResultOf<A>> {
  const futures = new Set(ensureFutures("race", awaitables));
  try {
    const { winner } = await first("race", futures);
    futures.delete(winner);
    return winner.result() as AnyResultOf<A>;
  } finally {
    for (const loser of futures) loser.cancel();
    for (const loser of futures) {
      if (!loser.done()) await cancelAndWait(loser);
      loser.givesCancelled(); // marks the error of a cancelled loser as seen
      (loser as { [giveBack]?(): void })[giveBack]?.();
    }
  }
}

/** Returns the future inside an object, because an async function would await a returned future. */
async function first(what: string, awaitables: Iterable<unknown>): Promise<{ readonly winner: Future<unknown> }> {
  const futures = ensureFutures(what, awaitables);
  if (futures.length === 0) throw new InvalidArgumentError(`${what}() was given nothing to wait for. Pass at least one future: ${what}([a, b]).`);
  const done = futures.find((future) => future.done());
  if (done !== undefined) return { winner: done };
  let winner: Future<unknown> | undefined;
  await untilDone(futures, (future) => {
    winner ??= future;
    return true;
  });
  return { winner: winner! };
}
