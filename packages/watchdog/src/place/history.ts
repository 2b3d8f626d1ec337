// What the reports of the whole run draw: the loop's delay over time, the stalls, and a tree of all samples.
import type { RawFrame } from "../protocol/messages.js";
import type { Stall } from "../protocol/stall.js";

/** Points of the time line; where there are more, neighbours are merged by their maximum. */
const mostPoints = 2_000;

/** The newest stalls that are kept whole. */
const mostStalls = 500;

/** Nodes of the tree; deeper frames are counted with their callers from then on. */
const mostNodes = 20_000;

/** A function in the tree of samples: the outermost frames are nearest to the root. */
export interface SampleNode {
  readonly frame: RawFrame | undefined;
  /** Samples that ended here. */
  self: number;
  /** Milliseconds that these samples stand for. */
  selfMs: number;
  readonly children: Map<string, SampleNode>;
}

export interface DelayPoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The longest delay in the stretch that begins there. */
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
    if (this.#points.length > mostPoints) this.#merge();
  }

  ended(stall: Stall, stacks: readonly (readonly RawFrame[])[]): void {
    this.stallCount++;
    this.stalledMs += stall.durationMs;
    this.longestMs = Math.max(this.longestMs, stall.durationMs);
    this.stalls.push(stall);
    if (this.stalls.length > mostStalls) this.stalls.shift();
    // The samples of one stall share its duration, so that a stall weighs what it lasted.
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
        if (this.#nodes >= mostNodes) break;
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
