// One listener for each AbortSignal, however many calls share it: there is no MaxListenersExceededWarning,
// and no listener stays on a long-lived signal once its calls are settled.
import { callBack } from "./user-callback.js";

type Waiting = { readonly calls: Set<() => void>; readonly detach: () => void };

const hubs = new WeakMap<AbortSignal, Waiting>();

/**
 * Runs `aborted` when the signal fires. A signal that has already fired does not run it: check that first.
 * @returns removes `aborted`
 */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  let waiting = hubs.get(signal);
  if (waiting === undefined) {
    const calls = new Set<() => void>();
    const fire = (): void => {
      hubs.delete(signal);
      for (const call of calls) callBack(call); // what one throws keeps no other from being told
    };
    signal.addEventListener("abort", fire, { once: true });
    waiting = { calls, detach: () => signal.removeEventListener("abort", fire) };
    hubs.set(signal, waiting);
  }
  const { calls, detach } = waiting;
  calls.add(aborted);
  return () => {
    if (!calls.delete(aborted) || calls.size > 0) return;
    hubs.delete(signal);
    detach();
  };
}
