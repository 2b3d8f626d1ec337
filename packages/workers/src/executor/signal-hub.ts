// Adds one listener to each AbortSignal, for any number of calls that share the signal. So there is no
// MaxListenersExceededWarning. The listener is removed when the last of these calls has settled.
import { callBack } from "./user-callback.js";

type Waiting = { readonly calls: Set<() => void>; readonly detach: () => void };

const hubs = new WeakMap<AbortSignal, Waiting>();

/**
 * Runs `aborted` when the signal fires. It does not run for a signal that has fired already: check `signal.aborted` first.
 * @returns a function that removes `aborted`
 */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  let waiting = hubs.get(signal);
  if (waiting === undefined) {
    const calls = new Set<() => void>();
    const fire = (): void => {
      hubs.delete(signal);
      for (const call of calls) callBack(call); // an error of one callback does not prevent the others
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
