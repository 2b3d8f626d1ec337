// Reports long garbage collections. They hold the loop as a call does, but no stack shows them.
import { monotonicMs } from "../protocol/monotonic.js";

/** Shorter collections are no reason for a stall. */
const LEAST_MS = 20;

/** Calls `collected` after each long collection; `endedAt` is on the monotonic clock. @returns a function that stops this */
export function watchCollections(collected: (collection: { readonly endedAt: number; readonly durationMs: number }) => void): () => void {
  const { PerformanceObserver } = process.getBuiltinModule("node:perf_hooks");
  const observer = new PerformanceObserver((list) => {
    const offsetMs = monotonicMs() - performance.now();
    for (const { startTime, duration } of list.getEntries()) {
      if (duration >= LEAST_MS) collected({ endedAt: startTime + duration + offsetMs, durationMs: duration });
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}
