// How often each function occurs in the samples of a stall, and which one most of them ended in.
import type { HotFrame, Place, ProfileEntry, StackFrame } from "../protocol/stall.js";
import type { Stack } from "./choose-place.js";

/** The number of functions in the profile of a stall. */
const LONGEST_PROFILE = 12;

/** The functions that occur most often, without those of Node. */
export function profileOf(stacks: readonly Stack[]): ProfileEntry[] {
  const entries = new Map<string, { frame: StackFrame; self: number; total: number }>();
  for (const stack of stacks) {
    const seen = new Set<string>();
    let top = true;
    for (const frame of stack) {
      if (frame.async || frame.origin === "node") continue;
      const key = `${frame.file}:${frame.function}${frame.function === "" ? `:${frame.line}` : ""}`;
      const entry = entries.get(key) ?? { frame, self: 0, total: 0 };
      if (top) entry.self++;
      if (!seen.has(key)) entry.total++;
      top = false;
      seen.add(key);
      entries.set(key, entry);
    }
  }
  return [...entries.values()]
    .toSorted((a, b) => b.self - a.self || b.total - a.total)
    .slice(0, LONGEST_PROFILE)
    .map(({ frame, self, total }) => ({ ...placeOf(frame), self, total }));
}

/** The function in which most samples ended, unless it is the function of the place. */
export function hottest(stacks: readonly Stack[], place: Place | undefined): HotFrame | undefined {
  const votes = new Map<string, { frame: StackFrame; count: number }>();
  let counted = 0;
  for (const stack of stacks) {
    const top = stack.find((frame) => frame.origin !== "node" && !frame.async);
    if (!top) continue;
    counted++;
    const key = `${top.file}:${top.function}`;
    const vote = votes.get(key) ?? { frame: top, count: 0 };
    vote.count++;
    votes.set(key, vote);
  }
  if (votes.size === 0) return undefined;
  const winner = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  if (place && winner.frame.file === place.file && winner.frame.function === place.function) return undefined;
  return { ...placeOf(winner.frame), share: Math.round((winner.count / counted) * 100) / 100 };
}

export function placeOf({ file, line, column, function: name }: StackFrame): Place {
  return { file, line, column, function: name };
}
