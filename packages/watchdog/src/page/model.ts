// What the page knows: the updates of the watching thread, put together.
import type { LiveStall, LiveUpdate } from "../protocol/live.js";
import type { CallSpan, Sample } from "../protocol/sample.js";

/** Milliseconds of the past that are kept: a little more than the longest time span. */
const KEPT_MS = 330_000;

/** The number of stalls, and of calls of one worker, that are kept. */
const MOST_STALLS = 500;
const MOST_SPANS = 4_000;

/** An executor as the page names it. @param process `undefined`: there is only one */
export function nameOf(executor: string, process: number | undefined): string {
  return process === undefined ? executor : `${executor} (process ${process})`;
}

/** A worker as the page shows it. */
export interface Lane {
  /** The name of the executor. */
  readonly executor: string;
  readonly worker: number;
  spans: CallSpan[];
  /** The call that it ran when it was seen last, and the time since which it has run it. */
  running: { readonly name: string; readonly since: number } | undefined;
  /** Whether the worker was there at the last sample. */
  isAlive: boolean;
}

/** The figures of one sample. */
export interface Point {
  readonly at: number;
  readonly queued: number;
  readonly perSecond: number;
  readonly utilization: number;
  readonly heapBytes: number;
}

export class Model {
  /** The last update. */
  last: LiveUpdate | undefined;
  /** The last answer of the watched thread. */
  sample: Sample | undefined;
  delays: (readonly [at: number, delayMs: number])[] = [];
  /** Oldest first. */
  stalls: LiveStall[] = [];
  readonly lanes = new Map<string, Lane>();
  points: Point[] = [];
  /** The number of calls that were not told one by one. */
  leftOut = 0;
  /** What the clock of the program's machine is ahead of this one. */
  #ahead = 0;
  #names: string[] = [];

  /** The time, by the clock of the program's machine. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** A number for the colour of a function, the same for the same function. */
  colorOf(name: string): number {
    let index = this.#names.indexOf(name);
    if (index < 0) index = this.#names.push(name) - 1;
    return index % 8;
  }

  /** The connection has begun: what is known comes again. */
  connected(): void {
    this.delays = [];
    this.stalls = [];
  }

  take(update: LiveUpdate): void {
    this.#ahead = update.now - Date.now();
    this.last = update;
    const since = update.now - KEPT_MS;
    const [first] = update.delays;
    if (first !== undefined) this.delays = [...this.delays.filter(([at]) => at > since && at < first[0]), ...update.delays];
    this.stalls = [...this.stalls, ...update.ended].slice(-MOST_STALLS);
    if (update.sample !== undefined) this.#takeSample(update.sample, since);
  }

  #takeSample(sample: Sample, since: number): void {
    const elapsedMs = this.sample === undefined ? 0 : sample.at - this.sample.at;
    const settled = sample.calls.executors.reduce((sum, each) => sum + each.settled, 0);
    this.sample = sample;
    this.leftOut += sample.calls.leftOut;
    this.points = [...this.points.filter(({ at }) => at > since), { at: sample.at, queued: sample.pools.reduce((sum, { queued }) => sum + queued, 0), perSecond: elapsedMs > 0 ? (settled * 1_000) / elapsedMs : 0, utilization: sample.utilization, heapBytes: sample.heapUsedBytes }];
    for (const span of sample.calls.spans) this.#laneOf(nameOf(span.executor, span.process), span.worker).spans.push(span);
    for (const lane of this.lanes.values()) {
      lane.running = undefined;
      lane.isAlive = false;
    }
    for (const { kind, name = kind, process, workers } of sample.pools) {
      for (const { id, call, runMs } of workers) {
        const lane = this.#laneOf(nameOf(name, process), id);
        lane.isAlive = true;
        if (call !== undefined && runMs !== undefined) lane.running = { name: call, since: sample.at - runMs };
      }
    }
    for (const [key, lane] of this.lanes) {
      lane.spans = lane.spans.filter(({ startedAt, runMs }) => startedAt + runMs > since).slice(-MOST_SPANS);
      if (!lane.isAlive && lane.spans.length === 0) this.lanes.delete(key);
    }
  }

  #laneOf(executor: string, worker: number): Lane {
    const key = `${executor} ${worker}`;
    let lane = this.lanes.get(key);
    if (lane === undefined) this.lanes.set(key, (lane = { executor, worker, spans: [], running: undefined, isAlive: true }));
    return lane;
  }
}

/** The times that are shown. */
export interface Span {
  readonly from: number;
  readonly until: number;
}
