// The first event of a call, which is published before the context of the call is captured. What a subscriber puts into an
// AsyncLocalStorage (by `enterWith`, or by `bindStore` of the channel) therefore travels with the call, and ends with its
// submission: the caller goes on without it.
import { AsyncResource } from "node:async_hooks";
import { type CallEvent, channels } from "./channels.js";

/**
 * Publishes the submission of a call, and makes the call in the context that the subscribers have left. Only for a channel
 * with subscribers.
 * @throws what `make` throws; the call is then published as rejected
 */
export function announce<R>(event: CallEvent, make: () => R): R {
  const scope = new AsyncResource("offloop.Submit", { requireManualDestroy: true });
  return scope.runInAsyncScope(() =>
    channels.callSubmitted.runStores(event, () => {
      try {
        return make();
      } catch (error) {
        channels.callSettled.publish({ ...event, outcome: "rejected", error, queuedMs: 0, runMs: undefined, host: undefined });
        throw error;
      }
    }),
  );
}
