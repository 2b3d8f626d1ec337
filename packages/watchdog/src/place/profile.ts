// How much of a stall's sampled time each function took, and which one took most.
import type { HotFrame, Place, ProfileEntry, StackFrame } from "../protocol/stall.js";
import { sameFunction, type Sample, weightOf } from "./choose-place.js";
import { functionKey, type SampledFrame } from "./frames.js";

/** The number of functions in the profile of a stall. */
const LONGEST_PROFILE = 12;

/** The functions that occur most often, without those of Node. The number of samples is shared out by weight. */
export function profileOf(samples: readonly Sample[]): ProfileEntry[] {
  const entries = new Map<string, { frame: SampledFrame; self: number; total: number }>();
  const scale = samples.length / weightOf(samples);
  for (const { stack, weight } of samples) {
    const seen = new Set<string>();
    let top = true;
    for (const frame of stack) {
      if (frame.async || frame.origin === "node") continue;
      const key = functionKey(frame);
      const entry = entries.get(key) ?? { frame, self: 0, total: 0 };
      if (top) entry.self += weight * scale;
      if (!seen.has(key)) entry.total += weight * scale;
      top = false;
      seen.add(key);
      entries.set(key, entry);
    }
  }
  return [...entries.values()]
    .toSorted((a, b) => b.self - a.self || b.total - a.total)
    .slice(0, LONGEST_PROFILE)
    .map(({ frame, self, total }) => ({ ...placeOf(frame), self: Math.round(self), total: Math.round(total) }));
}

/** The function in which most samples ended, unless it is the function of the place. */
export function hottest(samples: readonly Sample[], place: SampledFrame | undefined): HotFrame | undefined {
  const votes = new Map<string, { frame: SampledFrame; count: number }>();
  let counted = 0;
  for (const { stack, weight } of samples) {
    const top = stack.find((frame) => frame.origin !== "node" && !frame.async);
    if (!top) continue;
    counted += weight;
    const key = functionKey(top);
    const vote = votes.get(key) ?? { frame: top, count: 0 };
    vote.count += weight;
    votes.set(key, vote);
  }
  if (votes.size === 0) return undefined;
  const winner = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  if (sameFunction(winner.frame, place)) return undefined;
  return { ...placeOf(winner.frame), share: Math.round((winner.count / counted) * 100) / 100 };
}

export function placeOf({ file, line, column, function: name }: StackFrame): Place {
  return { file, line, column, function: name };
}
