// Reports garbage collections that are long, or many. They hold the loop as a call does, but no stack shows them.
import { monotonicMs } from "../protocol/monotonic.js";

/** Collections that take less, together, are no reason for a stall. */
const LEAST_MS = 20;

/** Calls `collected` after each long collection, and after many short ones, of which Node tells at once; `endedAt` is on the monotonic clock. @returns a function that stops this */
export function watchCollections(collected: (collection: { readonly endedAt: number; readonly durationMs: number }) => void): () => void {
  const { PerformanceObserver } = process.getBuiltinModule("node:perf_hooks");
  const observer = new PerformanceObserver((list) => {
    const offsetMs = monotonicMs() - performance.now();
    let shortMs = 0;
    let endedAt = 0;
    for (const { startTime, duration } of list.getEntries()) {
      endedAt = startTime + duration + offsetMs;
      if (duration >= LEAST_MS) collected({ endedAt, durationMs: duration });
      else shortMs += duration;
    }
    if (shortMs >= LEAST_MS) collected({ endedAt, durationMs: shortMs });
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => observer.disconnect();
}
