// Chooses the place of a stall from the stacks of its samples.
//
// The stacks are compared from their outer ends. The frames that nearly all of them have in common belong to the
// call that lasted. The place is the first of these that there is:
//   1. the deepest common function of the program that runs
//   2. the deepest common function of the program that awaits: a library runs after its own first await, so the
//      program is on the stack only as an `async` frame
//   3. a function of the program in half of the samples
//   4. the deepest common function of a dependency
//   5. a function of a dependency in half of the samples
//   6. the function that is the innermost one most often
import { functionKey, type SampledFrame } from "./frames.js";

/** The stack of a sample, the innermost frame first. */
export type Stack = readonly SampledFrame[];

/** A stack, and the time that it stands for, relative to the other samples of its stall. */
export interface Sample {
  readonly stack: Stack;
  readonly weight: number;
}

export interface Chosen {
  /** The stack that stands for all of them. */
  readonly stack: Stack;
  /** The index of the place's frame in `stack`; `undefined`: there is no place. */
  readonly index: number | undefined;
}

/** A frame belongs to the common call if it has this share of the samples, each of which counts by the time that it stands for. */
const COMMON_SHARE = 0.6;

/** Without a common call, a function of the program in this share of the samples is the place. */
const HALF_SHARE = 0.5;

/**
 * Of two callees of one function, one took more time than the other if it has more samples by this number of
 * standard deviations. Two that take the same time differ by that much in one of twenty stalls.
 */
const TELLING_DEVIATIONS = 2;

/** @param samples their weights are scaled so that their sum is the number of equal samples that would be as sure */
export function choosePlace(samples: readonly Sample[]): Chosen {
  const [first] = samples;
  if (!first) return { stack: [], index: undefined };
  const reference = commonStack(samples);
  const common = commonFrames(reference, samples);
  const own = common.findLast((frame) => isOwn(frame) && !frame.async) ?? common.findLast(isOwn);
  if (own) return atFrame(own, reference, samples);
  const half = inHalf(samples, isOwn);
  if (half) return half;
  const foreign = common.findLast((frame) => frame.origin === "dependency" && !frame.async);
  return foreign ? atFrame(foreign, reference, samples) : inHalf(samples, (frame) => frame.origin === "dependency" && !frame.async) ?? mostFrequent(samples) ?? { stack: first.stack, index: undefined };
}

/** The sum of the weights. */
export function weightOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { weight }) => sum + weight, 0);
}

/** Chooses the outermost frame, for a stack that was taken too late: its inner frames may be of code after the cause. */
export function chooseOutermost(stack: Stack): Chosen {
  const outermost = stack.findLastIndex((frame) => isOwn(frame) && !frame.async);
  return { stack, index: outermost < 0 ? deepest(stack) : outermost };
}

export function isOwn(frame: SampledFrame): boolean {
  return frame.origin === "user";
}

export function sameFunction(a: SampledFrame | undefined, b: SampledFrame | undefined): boolean {
  if (a?.begins !== undefined && b?.begins !== undefined) return a.begins === b.begins;
  return a !== undefined && b !== undefined && a.file === b.file && a.function === b.function && (a.function !== "" || a.line === b.line || isOwn(a));
}

/** The place at a common frame of the reference. The line within its function is the one that most samples show. */
function atFrame(frame: SampledFrame, reference: Stack, samples: readonly Sample[]): Chosen {
  const position = reference.length - 1 - reference.indexOf(frame);
  const votes = new Map<number, { stack: Stack; count: number }>();
  for (const { stack, weight } of samples) {
    if (sharedLength(reference, stack) <= position) continue;
    const { line } = stack[stack.length - 1 - position]!;
    const vote = votes.get(line) ?? { stack, count: 0 };
    vote.count += weight;
    votes.set(line, vote);
  }
  const { stack } = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  return { stack, index: ownerOf(stack, stack.length - 1 - position) };
}

/**
 * An unnamed callback counts as part of the nearest caller in its file that has a name. Without one, it counts as part of
 * the outermost caller on its line, as in `rows.filter((row) => …)`.
 */
export function ownerOf(stack: Stack, index: number): number {
  const { file, line } = stack[index]!;
  const callers = stack.flatMap((frame, at) => (at > index && frame.file === file && !frame.async ? [at] : []));
  if (stack[index]!.function !== "") return index;
  return callers.find((at) => stack[at]!.function !== "") ?? callers.findLast((at) => stack[at]!.line === line) ?? index;
}

/** The frames that the samples have in common, the outermost first. */
function commonFrames(reference: Stack, samples: readonly Sample[]): SampledFrame[] {
  const lengths = samples.map(({ stack }) => sharedLength(reference, stack));
  const least = weightOf(samples) * COMMON_SHARE;
  const common: SampledFrame[] = [];
  for (let depth = 0; depth < reference.length; depth++) {
    const sharing = weightOf(samples.filter((_, index) => lengths[index]! > depth));
    if (sharing < least || !exceeds(sharing, rivalOf(samples.filter((_, index) => lengths[index] === depth), depth))) break;
    common.push(reference[reference.length - 1 - depth]!);
  }
  return common;
}

/** The most samples in which one other function stands at `depth`. A function of Node counts as a part of its caller. */
function rivalOf(others: readonly Sample[], depth: number): number {
  const votes = new Map<string, number>();
  for (const { stack, weight } of others) {
    const frame = stack[stack.length - 1 - depth];
    if (!frame || frame.origin === "node") continue;
    const key = functionKey(frame);
    votes.set(key, (votes.get(key) ?? 0) + weight);
  }
  return Math.max(0, ...votes.values());
}

/** Whether the first of two numbers of samples is greater by more than chance. */
function exceeds(samples: number, others: number): boolean {
  return others === 0 || samples - others >= TELLING_DEVIATIONS * Math.sqrt(samples + others);
}

/** The stack that shares most frames with the others. They are compared with it. */
function commonStack(samples: readonly Sample[]): Stack {
  let best: Stack = samples[0]?.stack ?? [];
  let bestScore = -1;
  for (const { stack: candidate } of spread(samples)) {
    let score = 0;
    for (const { stack, weight } of samples) score += weight * sharedLength(candidate, stack);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** The number of stacks that are tried as the one to compare with. */
const CANDIDATES = 12;

/** Samples from all of the stall, as many as are tried. */
function spread(samples: readonly Sample[]): readonly Sample[] {
  const step = Math.max(1, samples.length / CANDIDATES);
  return Array.from({ length: Math.min(samples.length, CANDIDATES) }, (_, index) => samples[Math.floor(index * step)]!);
}

function sharedLength(a: Stack, b: Stack): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && (sameFunction(a[a.length - 1 - length], b[b.length - 1 - length]) || sameModule(a, b, length))) length++;
  return length;
}

/** Whether both frames at this depth are the code of one module, which has no name, and stands at another line at each sample. */
function sameModule(a: Stack, b: Stack, depth: number): boolean {
  const [frame, other] = [a[a.length - 1 - depth]!, b[b.length - 1 - depth]!];
  return frame.file === other.file && frame.function === "" && other.function === "" && a[a.length - depth]?.file.startsWith("node:internal/modules/") === true;
}

/** The function that the most samples contain, if that is half of them. Of two, the inner one. */
function inHalf(samples: readonly Sample[], counts: (frame: SampledFrame) => boolean): Chosen | undefined {
  return mostVoted(samples, (stack) => stack.flatMap((frame, index) => (counts(frame) ? [index] : [])), weightOf(samples) * HALF_SHARE);
}

/** The function that is the innermost one most often. */
function mostFrequent(samples: readonly Sample[]): Chosen | undefined {
  return mostVoted(samples, (stack) => deepest(stack) ?? [], 0);
}

/** The function for which most samples vote, with a stack that does. Each names the indexes of the frames for which it votes, once for each function. */
function mostVoted(samples: readonly Sample[], ballot: (stack: Stack) => number | readonly number[], least: number): Chosen | undefined {
  const votes = new Map<string, { chosen: Chosen; count: number }>();
  for (const { stack, weight } of samples) {
    const counted = new Set<string>();
    for (const index of [ballot(stack)].flat()) {
      const key = functionKey(stack[index]!);
      if (counted.has(key)) continue;
      counted.add(key);
      const vote = votes.get(key) ?? { chosen: { stack, index }, count: 0 };
      vote.count += weight;
      votes.set(key, vote);
    }
  }
  const winner = [...votes.values()].toSorted((a, b) => b.count - a.count)[0];
  return winner && winner.count >= least ? winner.chosen : undefined;
}

/** The index of the deepest frame of the program, else of a dependency, else of a frame of the program that awaits. */
function deepest(stack: Stack): number | undefined {
  for (const wanted of ["user", "dependency"] as const) {
    const index = stack.findIndex((frame) => !frame.async && frame.origin === wanted);
    if (index >= 0) return index;
  }
  const awaiting = stack.findIndex(isOwn);
  return awaiting >= 0 ? awaiting : undefined;
}
