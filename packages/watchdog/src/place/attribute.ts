// Computes from the samples of a stall what held the loop.
//
// The stacks of the samples are compared from their outer ends. The frames that nearly all of them have in
// common belong to the call that lasted. The deepest function of the program among these frames is the
// place. The function in which most samples ended is the hot one; it may belong to a dependency.
import { fileURLToPath } from "node:url";
import type { Capture, RawFrame, ReturnedCall } from "../protocol/messages.js";
import type { HotFrame, Place, ProfileEntry, Stall, StackFrame, StallKind } from "../protocol/stall.js";
import { adviceFor } from "./advice.js";
import { codeFrame } from "./code-frame.js";
import { describeFrame, originOf, pathOf } from "./frames.js";
import { blockingCall, callText, type MarkedCall } from "./read-mark.js";
import { longTurn } from "./turns.js";

const watchdogFolder = fileURLToPath(new URL("../", import.meta.url));

/** A frame belongs to the common call if this share of the samples has it. */
const COMMON_SHARE = 0.6;

/**
 * Of two callees of one function, one took more time than the other if it has more samples by this number of
 * standard deviations. Two that take the same time differ by that much in one of eighty stalls.
 */
const TELLING_DEVIATIONS = 2.5;

/** Reports cut longer stacks. The innermost frames say most. */
const LONGEST_STACK = 60;

/** The number of functions in the profile of a stall. */
const LONGEST_PROFILE = 12;

/** A marked call, or collections, that took this share of a stall are its cause. */
const WHOLE_SHARE = 0.5;

/** If collections are the cause, fewer samples than this say little about which code allocates. */
const TELLING_SAMPLES = 3;

/** Everything that is known of a stall. */
export interface Evidence {
  readonly captures: readonly Capture[];
  /** The marked calls that returned during the stall. */
  readonly returned: readonly ReturnedCall[];
  /** Whether the samples were taken on the way out of a native call. */
  readonly late: boolean;
  /** Whether stacks could be asked for. */
  readonly probed: boolean;
  /** The blocking function whose calls took most of the stall, if one did. */
  readonly heldIn: MarkedCall | undefined;
  readonly collectedMs: number;
  readonly durationMs: number;
  /** Whether the process was given no CPU. */
  readonly starved: boolean;
}

/** The part of a stall that attribute() finds: place, kind, stack and advice. */
export type Attribution = Omit<Stall, "id" | "startedAt" | "durationMs" | "count" | "totalMs">;

/** Finds the place and the kind of a stall. */
export function attribute(evidence: Evidence): Attribution {
  const { captures, late } = evidence;
  const call = longestCall(evidence);
  // The other turns of a stall say nothing about the one that held the loop.
  const turn = longTurn(captures, evidence.durationMs);
  const stacks = stacksOf({ ...evidence, captures: turn ?? captures });
  const exact = call !== undefined || !late || captures.some(({ frames }) => startsInMark(frames));
  const kind = call ? "native" : kindOf(stacks, turn !== undefined, evidence);
  const chosen = exact ? chooseStack(stacks) : outermostChoice(stacks[0] ?? []);
  const stack = chosen.stack.slice(0, LONGEST_STACK).map(describeFrame);
  const at = chosen.index === undefined ? undefined : chosen.stack[chosen.index];
  const place = at && placeOf(describeFrame(at));
  // The last sample may show the code after the call of the place.
  const telling = (turn ?? captures).findLast(({ frames }) => at !== undefined && frames.some((frame) => sameFunction(frame, at))) ?? captures.at(-1);
  const known = call ?? (kind === "native" ? evidence.heldIn : undefined);
  return {
    kind,
    phase: stacks.length > 0 && stacks.every(isStartup) ? "startup" : "running",
    place,
    approximate: place !== undefined && (!exact || (kind === "collection" && captures.length < TELLING_SAMPLES)),
    hot: kind === "script" ? hottest(stacks, place) : undefined,
    call: known && callText(known),
    task: telling?.task ?? call?.task,
    context: telling?.context ?? call?.context,
    stack,
    codeFrame: place && codeFrame(place),
    samples: captures.length,
    profile: profileOf(stacks),
    fix: adviceFor(kind, nameToOffload(chosen), known && blockingCall(known.call)),
  };
}

/** The stacks that stand for a stall: those of its samples, or that of the call that took most of it. */
export function stacksOf(evidence: Evidence): (readonly RawFrame[])[] {
  const call = longestCall(evidence);
  return call ? [withoutOwn(call.frames)] : evidence.captures.map(({ frames }) => withoutOwn(frames));
}

/** The marked call that took most of the stall. */
function longestCall({ returned, durationMs }: Evidence): ReturnedCall | undefined {
  const total = new Map<number, { ms: number; longest: ReturnedCall }>();
  for (const call of returned) {
    if (isLoaders(call)) continue;
    const sum = total.get(call.call) ?? { ms: 0, longest: call };
    sum.ms += call.durationMs;
    if (call.durationMs > sum.longest.durationMs) sum.longest = call;
    total.set(call.call, sum);
  }
  return [...total.values()].find(({ ms }) => ms >= durationMs * WHOLE_SHARE)?.longest;
}

/** Whether Node's module loader made the call. The program then asked for a module, not for this call. */
function isLoaders({ frames }: ReturnedCall): boolean {
  return withoutOwn(frames).find(({ file }) => file !== "node:fs")?.file.startsWith("node:internal/modules/") === true;
}

function kindOf(stacks: readonly (readonly RawFrame[])[], isOneTurn: boolean, { late, probed, heldIn, collectedMs, durationMs, starved }: Evidence): StallKind {
  if (starved) return "starved";
  if (collectedMs >= durationMs * WHOLE_SHARE) return "collection";
  if (late || heldIn || (probed && stacks.length === 0)) return "native";
  if (isOneTurn || stacks.length === 0) return "script";
  return stacks.every(cameFromTickQueue) ? "microtasks" : "callbacks";
}

interface Chosen {
  readonly stack: readonly RawFrame[];
  /** The index of the place's frame in `stack`; `undefined`: there is no place. */
  readonly index: number | undefined;
}

/** Chooses the outermost frame, for a stack that was taken too late: its inner frames may be of code after the cause. */
function outermostChoice(stack: readonly RawFrame[]): Chosen {
  const outermost = stack.findLastIndex((frame) => isUser(frame) && !frame.async);
  return { stack, index: outermost < 0 ? deepest(stack) : outermost };
}

function chooseStack(stacks: readonly (readonly RawFrame[])[]): Chosen {
  const [first] = stacks;
  if (!first) return { stack: [], index: undefined };
  const { depth, user } = commonDepth(stacks);
  if (user < 0) {
    const stack = mostFrequent(stacks) ?? first;
    return { stack, index: deepest(stack) };
  }
  // The line within the place's function is the one that most samples show.
  const votes = new Map<number, { stack: readonly RawFrame[]; count: number }>();
  const reference = commonStack(stacks);
  for (const stack of stacks) {
    if (!shares(reference, stack, depth)) continue;
    const frame = stack[stack.length - 1 - user];
    if (!frame) continue;
    const vote = votes.get(frame.line) ?? { stack, count: 0 };
    vote.count++;
    votes.set(frame.line, vote);
  }
  const winner = [...votes.values()].reduce((best, vote) => (vote.count > best.count ? vote : best));
  return { stack: winner.stack, index: ownerOf(winner.stack, winner.stack.length - 1 - user) };
}

/** An unnamed callback on the line of its caller counts as part of the caller: `rows.filter((row) => …)`. */
function ownerOf(stack: readonly RawFrame[], index: number): number {
  let owner = index;
  while (stack[owner]?.function === "") {
    const { file, line } = stack[owner]!;
    const caller = stack.findIndex((frame, at) => at > owner && !frame.async && isUser(frame));
    if (caller < 0 || stack[caller]!.file !== file || stack[caller]!.line !== line) return owner;
    owner = caller;
  }
  return owner;
}

/** The number of common frames from the outer end, and the position of the deepest user frame among them, counted the same way (-1: none). */
function commonDepth(stacks: readonly (readonly RawFrame[])[]): { depth: number; user: number } {
  const reference = commonStack(stacks);
  let depth = 0;
  let user = -1;
  for (; depth < reference.length; depth++) {
    const sharing = stacks.filter((stack) => shares(reference, stack, depth + 1)).length;
    if (sharing < stacks.length * COMMON_SHARE || !exceeds(sharing, rivalOf(reference, stacks, depth))) break;
    const frame = reference[reference.length - 1 - depth];
    if (frame && isUser(frame) && !frame.async) user = depth;
  }
  return { depth, user };
}

/** The most samples in which one other function stands in place of the frame at `depth` of the reference. A function of Node counts as a part of its caller. */
function rivalOf(reference: readonly RawFrame[], stacks: readonly (readonly RawFrame[])[], depth: number): number {
  const votes = new Map<string, number>();
  for (const stack of stacks) {
    if (stack.length <= depth || sharedLength(reference, stack) !== depth) continue;
    const { file, function: name } = stack[stack.length - 1 - depth]!;
    if (originOf(pathOf(file)) === "node") continue;
    votes.set(`${file}:${name}`, (votes.get(`${file}:${name}`) ?? 0) + 1);
  }
  return Math.max(0, ...votes.values());
}

/** Whether the first of two numbers of samples is greater by more than chance. */
function exceeds(samples: number, others: number): boolean {
  return others === 0 || samples - others >= TELLING_DEVIATIONS * Math.sqrt(samples + others);
}

/** The stack that shares most frames with the others. They are compared with it. */
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

/** The index of the deepest frame of the program, else of a dependency, else of a frame of the program that awaits. */
function deepest(stack: readonly RawFrame[]): number | undefined {
  for (const wanted of ["user", "dependency"] as const) {
    const index = stack.findIndex((frame) => !frame.async && originOf(pathOf(frame.file)) === wanted);
    if (index >= 0) return index;
  }
  const awaiting = stack.findIndex((frame) => isUser(frame));
  return awaiting >= 0 ? awaiting : undefined;
}

function isUser(frame: RawFrame): boolean {
  return originOf(pathOf(frame.file)) === "user";
}

/** For samples without a common call of the program: a stack of the function that occurs most often. */
function mostFrequent(stacks: readonly (readonly RawFrame[])[]): readonly RawFrame[] | undefined {
  const votes = new Map<string, { stack: readonly RawFrame[]; count: number }>();
  for (const stack of stacks) {
    const index = deepest(stack);
    const frame = index === undefined ? undefined : stack[index];
    if (!frame) continue;
    const key = `${frame.file}:${frame.function}`;
    const vote = votes.get(key) ?? { stack, count: 0 };
    vote.count++;
    votes.set(key, vote);
  }
  return [...votes.values()].toSorted((a, b) => b.count - a.count)[0]?.stack;
}

/** Whether the wrapper of a marked call is the top frame. The call has then just returned, and the frame below is its caller. */
function startsInMark(frames: readonly RawFrame[]): boolean {
  return frames[0] !== undefined && isOwnMark(frames[0]);
}

function isOwnMark(frame: RawFrame): boolean {
  return pathOf(frame.file).startsWith(watchdogFolder);
}

/** The frames without the wrappers of marked calls. */
function withoutOwn(frames: readonly RawFrame[]): readonly RawFrame[] {
  return frames.some(isOwnMark) ? frames.filter((frame) => !isOwnMark(frame)) : frames;
}

function profileOf(stacks: readonly (readonly RawFrame[])[]): ProfileEntry[] {
  const entries = new Map<string, { frame: RawFrame; self: number; total: number }>();
  for (const stack of stacks) {
    const seen = new Set<string>();
    let top = true;
    for (const frame of stack) {
      if (frame.async || originOf(pathOf(frame.file)) === "node") continue;
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
    .map(({ frame, self, total }) => ({ ...placeOf(describeFrame(frame)), self, total }));
}

/** Whether the queue of microtasks and ticks called the program. Node's own checkpoint leaves no frame. */
function cameFromTickQueue(stack: readonly RawFrame[]): boolean {
  const sync = stack.filter((frame) => !frame.async);
  const outermost = sync.findLastIndex(({ file }) => originOf(pathOf(file)) !== "node");
  const caller = sync[outermost + 1];
  return caller === undefined || caller.file.startsWith("node:internal/process/task_queues");
}

/** Whether Node's module loader is the outermost caller, or, in a worker, the message that tells it what to run. */
export function isStartup(stack: readonly RawFrame[]): boolean {
  const outer = stack.at(-1);
  return outer !== undefined && (/^node:internal\/(modules|main)\//.test(outer.file) || stack.some(({ file }) => file === "node:internal/main/worker_thread"));
}

/** The name of the place's function. If that is not an identifier, the name of its nearest caller in the program that is one. */
function nameToOffload({ stack, index }: Chosen): string | undefined {
  const names = stack.slice(index ?? stack.length).filter((frame) => isUser(frame) && !frame.async).map((frame) => frame.function.split(".").at(-1) ?? "");
  return names.find((name) => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name));
}

function placeOf({ file, line, column, function: name }: StackFrame): Place {
  return { file, line, column, function: name };
}

/** The function in which most samples ended, unless it is the function of the place. */
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
