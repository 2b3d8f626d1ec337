// What the process and its event loop used in the last second. A timer that keeps no program alive samples it, from the first
// reading on, for as long as the process lives. Nothing is sampled where no limit asks for it.
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout } from "./real-time.js";

/** The process in the last second. */
export interface ProcessLoad {
  /** How late the event loop turned, in milliseconds: the mean over the last second. */
  readonly loopDelayMs: number;
  /** The share of the last second in which the event loop did not wait for events, from 0 to 1. */
  readonly loopUtilization: number;
  /** The heap of this thread, in bytes. Workers have heaps of their own. */
  readonly heapUsedBytes: number;
  /** The memory of the whole process with its worker threads, in bytes. */
  readonly rssBytes: number;
}

const SAMPLE_MS = 1_000;

/** Between two turns of the loop that the histogram measures, in milliseconds. It counts them as delay. */
const RESOLUTION_MS = 10;

let sampled: ProcessLoad | undefined;

/** The newest sample. Before the first second is over, the loop counts as idle. */
export function processLoad(): ProcessLoad {
  return sampled ?? startSampling();
}

function startSampling(): ProcessLoad {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let before = performance.eventLoopUtilization();
  const timer = setTimeout(sample, SAMPLE_MS).unref();

  function sample(): void {
    const now = performance.eventLoopUtilization();
    // Without a turn that was measured, the loop was late for the whole of it.
    const loopDelayMs = delays.count === 0 ? SAMPLE_MS : Math.max(0, delays.mean / 1e6 - RESOLUTION_MS);
    sampled = { ...memory(), loopDelayMs, loopUtilization: performance.eventLoopUtilization(now, before).utilization };
    before = now;
    delays.reset();
    timer.refresh();
  }

  return (sampled = { ...memory(), loopDelayMs: 0, loopUtilization: 0 });
}

function memory(): Pick<ProcessLoad, "heapUsedBytes" | "rssBytes"> {
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsedBytes: heapUsed, rssBytes: rss };
}
