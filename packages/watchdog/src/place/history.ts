// The data of the reports of a whole run: the delay of the loop over time, the stalls, and a tree of all samples.
import type { Stall } from "../protocol/stall.js";
import { SampleTree } from "./sample-tree.js";

/** The number of points of the time line. If there are more, neighbours are merged into their maximum. */
const MOST_POINTS = 2_000;

/** The number of stalls that are kept: the newest. */
const MOST_STALLS = 500;

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
  #points: DelayPoint[] = [];
  #stretchMs = 250;

  get points(): readonly DelayPoint[] {
    return this.#points;
  }

  delayed(at: number, delayMs: number): void {
    const last = this.#points.at(-1);
    if (last && at - last.at < this.#stretchMs) {
      last.delayMs = Math.max(last.delayMs, delayMs);
      return;
    }
    this.#points.push({ at, delayMs });
    if (this.#points.length > MOST_POINTS) this.#merge();
  }

  /** A stall has ended. Its samples are added to `tree`. */
  ended(stall: Stall): void {
    this.stallCount++;
    this.stalledMs += stall.durationMs;
    this.longestMs = Math.max(this.longestMs, stall.durationMs);
    this.stalls.push(stall);
    if (this.stalls.length > MOST_STALLS) this.stalls.shift();
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
