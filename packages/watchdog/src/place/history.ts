// The data of the reports of a whole run: the delay of the loop over time, the stalls, and a tree of all samples.
import type { PackedTree } from "../protocol/spool.js";
import { Buckets } from "../protocol/bucket-counts.js";
import { STALL_SECONDS } from "../protocol/metrics.js";
import type { Stall, StallKind } from "../protocol/stall.js";
import { SampleTree } from "./sample-tree.js";

/** The number of points of the time line. If there are more, neighbours are merged into their maximum. */
const MOST_POINTS = 2_000;

/** The number of stalls that are kept: the newest. */
const MOST_STALLS = 500;

/** The number of stalls whose samples are kept, each in a tree of its own: the newest. */
const MOST_SAMPLED = 50;
const MOST_NODES_OF_STALL = 2_000;

/** The recent delays, for somebody who looks live: ten minutes. */
const RECENT_STRETCH_MS = 250;
const MOST_RECENT = 2_400;

/** A point of the time line. */
export interface DelayPoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The longest delay in the stretch that begins at `at`. */
  delayMs: number;
}

export class History {
  readonly startedAt = Date.now();
  readonly stalls: Stall[] = [];
  readonly tree = new SampleTree();
  stallCount = 0;
  stalledMs = 0;
  longestMs = 0;
  /** How long the stalls lasted, in seconds. */
  readonly durations = new Map<StallKind, Buckets>();
  /** The delays of the last minutes, in stretches of 250 ms. */
  readonly recent: DelayPoint[] = [];
  #points: DelayPoint[] = [];
  readonly #samples = new Map<number, SampleTree>();
  #stretchMs = 250;

  get points(): readonly DelayPoint[] {
    return this.#points;
  }

  delayed(at: number, delayMs: number): void {
    note(this.#points, at, delayMs, this.#stretchMs);
    if (this.#points.length > MOST_POINTS) this.#merge();
    note(this.recent, at, delayMs, RECENT_STRETCH_MS);
    if (this.recent.length > MOST_RECENT) this.recent.shift();
  }

  /** The samples of an ended stall; `undefined`: they are not kept any more. */
  samplesOf({ id }: Stall): SampleTree | undefined {
    return this.#samples.get(id);
  }

  /** A stall has ended. @param samples of the stall, which become part of `tree` */
  ended(stall: Stall, samples?: PackedTree): void {
    if (samples !== undefined) this.#sampled(stall, samples);
    this.stallCount++;
    this.stalledMs += stall.durationMs;
    this.longestMs = Math.max(this.longestMs, stall.durationMs);
    let durations = this.durations.get(stall.kind);
    if (durations === undefined) this.durations.set(stall.kind, (durations = new Buckets(STALL_SECONDS)));
    durations.observe(stall.durationMs / 1_000);
    this.stalls.push(stall);
    if (this.stalls.length > MOST_STALLS) this.stalls.shift();
  }

  #sampled({ id }: Stall, samples: PackedTree): void {
    this.tree.merge(samples);
    const own = new SampleTree(MOST_NODES_OF_STALL);
    own.merge(samples);
    this.#samples.set(id, own);
    const [oldest] = this.#samples.keys();
    if (this.#samples.size > MOST_SAMPLED) this.#samples.delete(oldest!);
  }

  #merge(): void {
    this.#stretchMs *= 2;
    this.#points = this.#points.reduce<DelayPoint[]>((merged, point, index) => {
      const last = merged.at(-1);
      if (index % 2 === 1 && last) last.delayMs = Math.max(last.delayMs, point.delayMs);
      else merged.push(point);
      return merged;
    }, []);
  }
}

/** Adds a delay to the last stretch, or begins another. */
function note(points: DelayPoint[], at: number, delayMs: number, stretchMs: number): void {
  const last = points.at(-1);
  if (last !== undefined && at - last.at < stretchMs) last.delayMs = Math.max(last.delayMs, delayMs);
  else points.push({ at, delayMs });
}
