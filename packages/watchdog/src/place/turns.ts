// Splits the samples of a stall by turns of the microtask queue. Each sample queued a microtask, so two samples
// with the same count of microtasks that have run were taken in one turn, and nothing else ran between them.
import type { Capture } from "../protocol/messages.js";

/** A turn that took this share of the sampled time is what a person would look at. */
const LONG_SHARE = 0.3;

/** It must also be this share of the stall. The first samples follow each other so fast that a short callback may hold two of them. */
const LONG_SHARE_OF_STALL = 0.15;

/** The samples of the longest turn, if one turn held the loop for long; `undefined`: many short ones did. */
export function longTurn(captures: readonly Capture[], durationMs: number): readonly Capture[] | undefined {
  const turns = turnsOf(captures);
  const [longest] = turns.toSorted((a, b) => spanMs(b) - spanMs(a) || b.length - a.length);
  // With one boundary between them, one of two turns took half of the time.
  if (!longest || turns.length === 1 || (turns.length === 2 && longest.length > 1)) return longest;
  const ms = spanMs(longest);
  return ms >= spanMs(captures) * LONG_SHARE && ms >= durationMs * LONG_SHARE_OF_STALL ? longest : undefined;
}

function turnsOf(captures: readonly Capture[]): (readonly Capture[])[] {
  const turns: Capture[][] = [];
  for (const capture of captures) {
    const last = turns.at(-1);
    if (last?.[0]?.turned === capture.turned) last.push(capture);
    else turns.push([capture]);
  }
  return turns;
}

/** The time from the first of the samples to the last. */
function spanMs(captures: readonly Capture[]): number {
  return captures.length === 0 ? 0 : captures.at(-1)!.at - captures[0]!.at;
}
