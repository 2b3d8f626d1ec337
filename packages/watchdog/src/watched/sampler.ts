// Samples the thread that it runs on, while somebody looks: the live page (report/live-feed.ts asks by messages) or
// `offloop top` (outside/attach-watchdog.ts asks through a socket). It runs only when it is asked, and never takes more
// than a small share of the thread's time.
import { type IntervalHistogram, type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { FunctionFigures, PoolState, PublishedState, Sample, TaskState } from "../protocol/sample.js";
import { CallRecorder, durationsOf } from "./call-recorder.js";

/** The sampling interval of the delay, in milliseconds. It is subtracted from what is measured. */
const RESOLUTION_MS = 10;

/** Reading the state of 10,000 tasks takes some tens of milliseconds. It is read again when this many times of it have passed. */
const PAUSES = 50;

/** The number of places at which tasks wait. */
const MOST_WAITS = 50;

export class Sampler {
  readonly #delay: IntervalHistogram;
  readonly #calls = new CallRecorder();
  #before: EventLoopUtilization = performance.eventLoopUtilization();
  #state: PublishedState = { pools: [], taskCount: 0, waits: [] };
  #readAgainAt = 0;

  constructor() {
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  sample(): Sample {
    const now = performance.eventLoopUtilization();
    const { rss, heapUsed } = process.memoryUsage();
    const published = this.#published();
    const calls = this.#calls.take();
    const sample: Sample = {
      at: performance.timeOrigin + performance.now(),
      upMs: process.uptime() * 1000,
      delay: durationsOf(this.#delay, (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)) ?? null,
      utilization: performance.eventLoopUtilization(now, this.#before).utilization,
      heapUsedBytes: heapUsed,
      rssBytes: rss,
      ...published,
      calls: { ...calls, functions: withRunning(calls.functions, published.pools) },
    };
    this.#before = now;
    this.#delay.reset();
    return sample;
  }

  /** Ends what is measured. */
  close(): void {
    this.#delay.disable();
    this.#calls.close();
  }

  #published(): PublishedState {
    const began = performance.now();
    if (began < this.#readAgainAt) return this.#state;
    const states = readSources();
    const tasks = states.flatMap((state) => state.tasks ?? []);
    this.#state = {
      pools: states.flatMap((state) => state.pools ?? []),
      taskCount: states.reduce((sum, { taskCount }) => sum + (taskCount ?? 0), 0),
      waits: byWait(tasks).slice(0, MOST_WAITS),
    };
    const ended = performance.now();
    this.#readAgainAt = ended + PAUSES * (ended - began);
    return this.#state;
  }
}

interface LibraryState {
  readonly tasks?: readonly TaskState[];
  readonly taskCount?: number;
  readonly pools?: readonly PoolState[];
}

/** What libraries publish through `globalThis[Symbol.for("offloop.state.v1")]`. */
function readSources(): LibraryState[] {
  const sources = (globalThis as { [sources: symbol]: unknown })[Symbol.for("offloop.state.v1")];
  if (!(sources instanceof Map)) return [];
  return [...(sources as Map<string, () => unknown>).values()].flatMap((source) => {
    try {
      return (source() as LibraryState | null) ?? [];
    } catch {
      return []; // the library's own fault
    }
  });
}

/** The figures with the calls that run: a function is as slow as its call that has not ended. */
function withRunning(functions: readonly FunctionFigures[], pools: readonly PoolState[]): FunctionFigures[] {
  const byName = new Map(functions.map((each) => [each.name, each]));
  for (const { call, runMs, meanMs = 0 } of pools.flatMap(({ workers }) => workers)) {
    if (call === undefined || runMs === undefined) continue;
    const known = byName.get(call) ?? { name: call, count: 0, meanMs, longestMs: 0, totalMs: 0 };
    byName.set(call, { ...known, longestMs: Math.max(known.longestMs, runMs) });
  }
  return [...byName.values()];
}

/** The number of tasks by what they wait for, the most frequent first. */
function byWait(tasks: readonly TaskState[]): [what: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { waitsFor, awaits, stack } of tasks) {
    const what = stack[0] ?? waitsFor[0] ?? (awaits.length > 0 ? "another task" : "a promise, or runs");
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
