// One listener for each AbortSignal, however many calls share it: no MaxListenersExceededWarning,
// and nothing stays attached to a long-lived signal once its calls are settled.

type Waiting = { readonly calls: Set<() => void>; readonly detach: () => void };

const hubs = new WeakMap<AbortSignal, Waiting>();

/**
 * Runs `aborted` when the signal fires; for one that has fired, not at all: check first.
 * @returns stops waiting
 */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  let waiting = hubs.get(signal);
  if (waiting === undefined) {
    const calls = new Set<() => void>();
    const fire = (): void => {
      hubs.delete(signal);
      for (const call of calls) call();
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
