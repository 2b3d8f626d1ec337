// Says what held the loop from the stacks that were taken while it did.
//
// The samples' stacks are laid side by side from their outer ends. What is common to nearly all of
// them is the call that lasted; the program's deepest function in it is the place. The function in
// which most samples ended is the hot one, be it a dependency's.
import type { Capture, RawFrame } from "../protocol.js";
import type { HotFrame, Place, Stall, StackFrame, StallKind } from "../stall.js";
import { codeFrame } from "./code-frame.js";
import { adviceFor } from "./advice.js";
import { describeFrame, originOf, pathOf } from "./frames.js";

/** A frame belongs to the common call where this share of the samples has it: one may have been taken on the brink. */
const commonShare = 0.75;

/** Longer stacks are cut in reports; the innermost frames say most. */
const longestStack = 60;

export interface Circumstances {
  /** The samples were taken on the way out of a native call. */
  readonly late: boolean;
  /** A sample was asked for and native code has not let it in. */
  readonly native: boolean;
}

export type Attribution = Omit<Stall, "id" | "startedAt" | "durationMs" | "count" | "totalMs">;

export function attribute(captures: readonly Capture[], circumstances: Circumstances): Attribution {
  const stacks = captures.map(({ frames }) => frames);
  const kind = kindOf(stacks, circumstances);
  const chosen = chooseStack(stacks, circumstances);
  const stack = chosen.stack.slice(0, longestStack).map(describeFrame);
  const at = chosen.index === undefined ? undefined : chosen.stack[chosen.index];
  const place = at && placeOf(describeFrame(at));
  const hot = kind === "script" ? hottest(stacks, place) : undefined;
  return {
    kind,
    phase: stacks.length > 0 && stacks.every(isStartup) ? "startup" : "running",
    place,
    approximate: circumstances.late,
    hot,
    stack,
    codeFrame: place && codeFrame(place),
    samples: stacks.length,
    fix: adviceFor(kind, place),
  };
}

function kindOf(stacks: readonly (readonly RawFrame[])[], { late, native }: Circumstances): StallKind {
  if (late || (native && stacks.length === 0)) return "native";
  if (stacks.length > 0 && stacks.every(endsInTickQueue) && commonDepth(stacks).user < 0) return "microtasks";
  if (stacks.length > 1 && commonDepth(stacks).user < 0 && new Set(stacks.map(outermostUser)).size > 1) return "callbacks";
  return "script";
}

interface Chosen {
  readonly stack: readonly RawFrame[];
  /** Of the place's frame in it. */
  readonly index: number | undefined;
}

function chooseStack(stacks: readonly (readonly RawFrame[])[], { late }: Circumstances): Chosen {
  const [first] = stacks;
  if (!first) return { stack: [], index: undefined };
  if (late) {
    const outermost = first.findLastIndex((frame) => isUser(frame) && !frame.async);
    return { stack: first, index: outermost < 0 ? deepest(first, 0) : outermost };
  }
  const { depth, user } = commonDepth(stacks);
  if (user < 0) return { stack: first, index: deepest(first, 0) };
  // The line within the place's function: the one most samples saw.
  const votes = new Map<string, { stack: readonly RawFrame[]; count: number }>();
  const reference = commonStack(stacks);
  for (const stack of stacks) {
    if (!shares(reference, stack, depth)) continue;
    const frame = stack[stack.length - 1 - user];
    if (!frame) continue;
    const key = `${frame.line}:${frame.column}`;
    const vote = votes.get(key) ?? { stack, count: 0 };
    vote.count++;
    votes.set(key, vote);
  }
  const winner = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  return { stack: winner.stack, index: winner.stack.length - 1 - user };
}

/** How many frames from the outer end are common, and which of them, counted the same way, is the deepest user frame (-1: none). */
function commonDepth(stacks: readonly (readonly RawFrame[])[]): { depth: number; user: number } {
  const reference = commonStack(stacks);
  let depth = 0;
  let user = -1;
  for (; depth < reference.length; depth++) {
    const sharing = stacks.filter((stack) => shares(reference, stack, depth + 1)).length;
    if (sharing < stacks.length * commonShare) break;
    const frame = reference[reference.length - 1 - depth];
    if (frame && isUser(frame) && !frame.async) user = depth;
  }
  return { depth, user };
}

/** The stack that shares most with the others: the reference that they are compared with. */
function commonStack(stacks: readonly (readonly RawFrame[])[]): readonly RawFrame[] {
  let best: readonly RawFrame[] = stacks[0] ?? [];
  let bestScore = -1;
  for (const candidate of stacks.slice(0, 8)) {
    let score = 0;
    for (const other of stacks) score += sharedLength(candidate, other);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

function shares(a: readonly RawFrame[], b: readonly RawFrame[], depth: number): boolean {
  return sharedLength(a, b) >= depth;
}

function sharedLength(a: readonly RawFrame[], b: readonly RawFrame[]): number {
  const least = Math.min(a.length, b.length);
  let length = 0;
  while (length < least && sameFunction(a[a.length - 1 - length], b[b.length - 1 - length])) length++;
  return length;
}

function sameFunction(a: RawFrame | undefined, b: RawFrame | undefined): boolean {
  return a !== undefined && b !== undefined && a.file === b.file && a.function === b.function && (a.function !== "" || a.line === b.line || isUser(a));
}

/** The deepest frame of the program's own, else of a dependency's, else none. */
function deepest(stack: readonly RawFrame[], from: number): number | undefined {
  for (const wanted of ["user", "dependency"] as const) {
    const index = stack.findIndex((frame, at) => at >= from && !frame.async && originOf(pathOf(frame.file)) === wanted);
    if (index >= 0) return index;
  }
  const awaiting = stack.findIndex((frame) => isUser(frame));
  return awaiting >= 0 ? awaiting : undefined;
}

function isUser(frame: RawFrame): boolean {
  return originOf(pathOf(frame.file)) === "user";
}

/** What called everything else: tells many callbacks from one. */
function outermostUser(stack: readonly RawFrame[]): string {
  const frame = stack.findLast((candidate) => isUser(candidate) && !candidate.async);
  return frame ? `${frame.file}:${frame.function}` : "";
}

function endsInTickQueue(stack: readonly RawFrame[]): boolean {
  const outer = stack.findLast((frame) => !frame.async);
  return outer !== undefined && /^(node:)?internal\/process\/task_queues/.test(outer.file);
}

/** Node's module loader called everything else. */
function isStartup(stack: readonly RawFrame[]): boolean {
  const outer = stack.at(-1);
  return outer !== undefined && /^node:internal\/(modules|main)\//.test(outer.file);
}

function placeOf({ file, line, column, function: name }: StackFrame): Place {
  return { file, line, column, function: name };
}

/** The function in which most samples ended, unless it is the place's. */
function hottest(stacks: readonly (readonly RawFrame[])[], place: Place | undefined): HotFrame | undefined {
  const votes = new Map<string, { frame: StackFrame; count: number }>();
  let counted = 0;
  for (const stack of stacks) {
    const top = stack.find((frame) => originOf(pathOf(frame.file)) !== "node" && !frame.async);
    if (!top) continue;
    counted++;
    const key = `${top.file}:${top.function}`;
    const vote = votes.get(key) ?? { frame: describeFrame(top), count: 0 };
    vote.count++;
    votes.set(key, vote);
  }
  if (votes.size === 0) return undefined;
  const winner = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  if (place && winner.frame.file === place.file && winner.frame.function === place.function) return undefined;
  return { ...placeOf(winner.frame), share: Math.round((winner.count / counted) * 100) / 100 };
}
