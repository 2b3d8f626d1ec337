// Tells of long garbage collections: they hold the loop like any call, but no stack shows them.
import { monotonicMs } from "../protocol/monotonic.js";

/** Shorter ones hold nobody up. */
const leastMs = 20;

/** Calls back after each long collection, with its end on the monotonic clock. @returns the way to stop it */
export function watchCollections(collected: (collection: { readonly endedAt: number; readonly durationMs: number }) => void): () => void {
  const { PerformanceObserver } = process.getBuiltinModule("node:perf_hooks");
  const observer = new PerformanceObserver((list) => {
    const offsetMs = monotonicMs() - performance.now();
    for (const { startTime, duration } of list.getEntries()) {
      if (duration >= leastMs) collected({ endedAt: startTime + duration + offsetMs, durationMs: duration });
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}
