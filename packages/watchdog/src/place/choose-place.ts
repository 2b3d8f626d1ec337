// Chooses the place of a stall from the stacks of its samples.
//
// The stacks are compared from their outer ends. The frames that nearly all of them have in common belong to the
// call that lasted. The place is the first of these that there is:
//   1. the deepest common function of the program that runs
//   2. the deepest common function of the program that awaits: a library runs after its own first await, so the
//      program is on the stack only as an `async` frame
//   3. a function of the program in half of the samples
//   4. the deepest common function of a dependency
//   5. the function that is the innermost one most often
import type { StackFrame } from "../protocol/stall.js";

/** The stack of a sample, the innermost frame first. */
export type Stack = readonly StackFrame[];

export interface Chosen {
  /** The stack that stands for all of them. */
  readonly stack: Stack;
  /** The index of the place's frame in `stack`; `undefined`: there is no place. */
  readonly index: number | undefined;
}

/** A frame belongs to the common call if this share of the samples has it. */
const COMMON_SHARE = 0.6;

/** Without a common call, a function of the program in this share of the samples is the place. */
const HALF_SHARE = 0.5;

/**
 * Of two callees of one function, one took more time than the other if it has more samples by this number of
 * standard deviations. Two that take the same time differ by that much in one of eighty stalls.
 */
const TELLING_DEVIATIONS = 2.5;

export function choosePlace(stacks: readonly Stack[]): Chosen {
  const [first] = stacks;
  if (!first) return { stack: [], index: undefined };
  const reference = commonStack(stacks);
  const common = commonFrames(reference, stacks);
  const own = common.findLast((frame) => isOwn(frame) && !frame.async) ?? common.findLast(isOwn);
  if (own) return atFrame(own, reference, stacks);
  const half = ownInHalf(stacks);
  if (half) return half;
  const foreign = common.findLast((frame) => frame.origin === "dependency" && !frame.async);
  return foreign ? atFrame(foreign, reference, stacks) : mostFrequent(stacks) ?? { stack: first, index: undefined };
}

/** Chooses the outermost frame, for a stack that was taken too late: its inner frames may be of code after the cause. */
export function chooseOutermost(stack: Stack): Chosen {
  const outermost = stack.findLastIndex((frame) => isOwn(frame) && !frame.async);
  return { stack, index: outermost < 0 ? deepest(stack) : outermost };
}

export function isOwn(frame: StackFrame): boolean {
  return frame.origin === "user";
}

export function sameFunction(a: StackFrame | undefined, b: StackFrame | undefined): boolean {
  return a !== undefined && b !== undefined && a.file === b.file && a.function === b.function && (a.function !== "" || a.line === b.line || isOwn(a));
}

/** The place at a common frame of the reference. The line within its function is the one that most samples show. */
function atFrame(frame: StackFrame, reference: Stack, stacks: readonly Stack[]): Chosen {
  const position = reference.length - 1 - reference.indexOf(frame);
  const votes = new Map<number, { stack: Stack; count: number }>();
  for (const stack of stacks) {
    if (sharedLength(reference, stack) <= position) continue;
    const { line } = stack[stack.length - 1 - position]!;
    const vote = votes.get(line) ?? { stack, count: 0 };
    vote.count++;
    votes.set(line, vote);
  }
  const { stack } = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  return { stack, index: ownerOf(stack, stack.length - 1 - position) };
}

/**
 * An unnamed callback counts as part of the nearest caller in its file that has a name. Without one, it counts as part of
 * the outermost caller on its line, as in `rows.filter((row) => …)`.
 */
function ownerOf(stack: Stack, index: number): number {
  const { file, line } = stack[index]!;
  const callers = stack.flatMap((frame, at) => (at > index && frame.file === file && !frame.async ? [at] : []));
  if (stack[index]!.function !== "") return index;
  return callers.find((at) => stack[at]!.function !== "") ?? callers.findLast((at) => stack[at]!.line === line) ?? index;
}

/** The frames that the samples have in common, the outermost first. */
function commonFrames(reference: Stack, stacks: readonly Stack[]): StackFrame[] {
  const lengths = stacks.map((stack) => sharedLength(reference, stack));
  const common: StackFrame[] = [];
  for (let depth = 0; depth < reference.length; depth++) {
    const sharing = lengths.filter((length) => length > depth).length;
    if (sharing < stacks.length * COMMON_SHARE || !exceeds(sharing, rivalOf(stacks.filter((_, index) => lengths[index] === depth), depth))) break;
    common.push(reference[reference.length - 1 - depth]!);
  }
  return common;
}

/** The most samples in which one other function stands at `depth`. A function of Node counts as a part of its caller. */
function rivalOf(others: readonly Stack[], depth: number): number {
  const votes = new Map<string, number>();
  for (const stack of others) {
    const frame = stack[stack.length - 1 - depth];
    if (!frame || frame.origin === "node") continue;
    const key = `${frame.file}:${frame.function}`;
    votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...votes.values());
}

/** Whether the first of two numbers of samples is greater by more than chance. */
function exceeds(samples: number, others: number): boolean {
  return others === 0 || samples - others >= TELLING_DEVIATIONS * Math.sqrt(samples + others);
}

/** The stack that shares most frames with the others. They are compared with it. */
function commonStack(stacks: readonly Stack[]): Stack {
  let best: Stack = stacks[0] ?? [];
  let bestScore = -1;
  for (const candidate of stacks.slice(0, 8)) {
    let score = 0;
    for (const other of stacks) score += sharedLength(candidate, other);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

function sharedLength(a: Stack, b: Stack): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && sameFunction(a[a.length - 1 - length], b[b.length - 1 - length])) length++;
  return length;
}

/** The function of the program that the most samples contain, if that is half of them. Of two, the inner one. */
function ownInHalf(stacks: readonly Stack[]): Chosen | undefined {
  return mostVoted(stacks, (stack) => stack.flatMap((frame, index) => (isOwn(frame) ? [index] : [])), stacks.length * HALF_SHARE);
}

/** The function that is the innermost one most often. */
function mostFrequent(stacks: readonly Stack[]): Chosen | undefined {
  return mostVoted(stacks, (stack) => deepest(stack) ?? [], 0);
}

/** The function for which most stacks vote, with a stack that does. Each stack names the indexes of the frames for which it votes, once for each function. */
function mostVoted(stacks: readonly Stack[], ballot: (stack: Stack) => number | readonly number[], least: number): Chosen | undefined {
  const votes = new Map<string, { chosen: Chosen; count: number }>();
  for (const stack of stacks) {
    const counted = new Set<string>();
    for (const index of [ballot(stack)].flat()) {
      const key = `${stack[index]!.file}:${stack[index]!.function}`;
      if (counted.has(key)) continue;
      counted.add(key);
      const vote = votes.get(key) ?? { chosen: { stack, index }, count: 0 };
      vote.count++;
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
