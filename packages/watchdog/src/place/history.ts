// The data of the reports of a whole run: the delay of the loop over time, the stalls, and a tree of all samples.
import type { RawFrame } from "../protocol/messages.js";
import type { Stall } from "../protocol/stall.js";

/** The number of points of the time line. If there are more, neighbours are merged into their maximum. */
const MOST_POINTS = 2_000;

/** The number of stalls that are kept: the newest. */
const MOST_STALLS = 500;

/** The number of nodes of the tree. Further frames are counted with their callers. */
const MOST_NODES = 20_000;

/** A function in the tree of samples. The outermost frames are nearest to the root. */
export interface SampleNode {
  readonly frame: RawFrame | undefined;
  /** The number of samples that ended in this function. */
  self: number;
  /** The time that these samples stand for, in milliseconds. */
  selfMs: number;
  readonly children: Map<string, SampleNode>;
}

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
  readonly root: SampleNode = node(undefined);
  stallCount = 0;
  stalledMs = 0;
  longestMs = 0;
  #points: DelayPoint[] = [];
  #stretchMs = 250;
  #nodes = 1;

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

  ended(stall: Stall, stacks: readonly (readonly RawFrame[])[]): void {
    this.stallCount++;
    this.stalledMs += stall.durationMs;
    this.longestMs = Math.max(this.longestMs, stall.durationMs);
    this.stalls.push(stall);
    if (this.stalls.length > MOST_STALLS) this.stalls.shift();
    // The duration of a stall is divided among its samples, so that each stall counts by its duration.
    for (const frames of stacks) this.#add(frames, stall.durationMs / stacks.length);
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

  #add(frames: readonly RawFrame[], ms: number): void {
    let at = this.root;
    for (const frame of frames.toReversed()) {
      if (frame.async) continue;
      const key = `${frame.file}:${frame.function}:${frame.function === "" ? frame.line : ""}`;
      let child = at.children.get(key);
      if (!child) {
        if (this.#nodes >= MOST_NODES) break;
        this.#nodes++;
        at.children.set(key, (child = node(frame)));
      }
      at = child;
    }
    at.self++;
    at.selfMs += ms;
  }
}

function node(frame: RawFrame | undefined): SampleNode {
  return { frame, self: 0, selfMs: 0, children: new Map() };
}
