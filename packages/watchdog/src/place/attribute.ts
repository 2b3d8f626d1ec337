// Computes from the samples of a stall what held the loop: its kind, its place (choose-place.ts), the function in
// which most samples ended (profile.ts), and the advice.
import { fileURLToPath } from "node:url";
import type { Capture, RawFrame, ReturnedCall } from "../protocol/messages.js";
import type { Stall, StackFrame, StallKind } from "../protocol/stall.js";
import { adviceFor } from "./advice.js";
import { type Chosen, chooseOutermost, choosePlace, sameFunction, type Stack } from "./choose-place.js";
import { codeFrame } from "./code-frame.js";
import { frameDescriber, packageOf, pathOf } from "./frames.js";
import { isLoader, loadingOf } from "./loading.js";
import { hottest, placeOf, profileOf } from "./profile.js";
import { blockingCall, callText, type MarkedCall } from "./read-mark.js";
import { longTurn } from "./turns.js";
import { whatToOffload } from "./what-to-offload.js";

const watchdogFolder = fileURLToPath(new URL("../", import.meta.url));

/** Reports cut longer stacks. The innermost frames say most. */
const LONGEST_STACK = 60;

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
  const describe = frameDescriber();
  const stackOf = ({ frames }: Pick<Capture, "frames">): Stack => withoutOwn(frames).map(describe);
  const stacks = call ? [stackOf(call)] : (turn ?? captures).map(stackOf);
  const exact = call !== undefined || !late || captures.some(({ frames }) => startsInMark(frames));
  const phase = stacks.length > 0 && stacks.every(isStartup) ? "startup" : "running";
  const candidate = exact ? choosePlace(stacks) : chooseOutermost(stacks[0] ?? []);
  const loading = phase === "running" && !call ? loadingOf(candidate, stacks, captures) : undefined;
  const kind = call ? "native" : kindOf(stacks, turn !== undefined, loading !== undefined, evidence);
  const chosen = kind === "loading" && loading ? loading.begun : candidate;
  const at = chosen.index === undefined ? undefined : chosen.stack[chosen.index];
  const place = at && placeOf(at);
  // The last sample may show the code after the call of the place.
  const telling = (turn ?? captures).findLast((capture) => stackOf(capture).some((frame) => sameFunction(frame, at))) ?? captures.at(-1);
  const known = call ?? (kind === "native" ? evidence.heldIn : undefined);
  return {
    kind,
    phase,
    place,
    approximate: place !== undefined && (!exact || (kind === "collection" && captures.length < TELLING_SAMPLES)),
    hot: kind === "script" || kind === "loading" ? hottest(stacks, place) : undefined,
    call: known && callText(known),
    task: telling?.task ?? call?.task,
    context: telling?.context ?? call?.context,
    stack: shortened(chosen),
    codeFrame: place && codeFrame(place),
    samples: captures.length,
    profile: profileOf(stacks),
    fix: adviceFor(kind, { ...whatToOffload(chosen, stacks), call: known && blockingCall(known.call), caller: at && packageOf(at), loading }),
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
  const caller = withoutOwn(frames).find(({ file }) => file !== "node:fs");
  return caller !== undefined && isLoader(caller);
}

function kindOf(stacks: readonly Stack[], isOneTurn: boolean, isLoading: boolean, { late, probed, heldIn, collectedMs, durationMs, starved }: Evidence): StallKind {
  if (starved) return "starved";
  if (collectedMs >= durationMs * WHOLE_SHARE) return "collection";
  if (isLoading) return "loading";
  if (late || heldIn || (probed && stacks.length === 0)) return "native";
  if (isOneTurn || stacks.length === 0) return "script";
  return stacks.every(cameFromTickQueue) ? "microtasks" : "callbacks";
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

/** Whether the queue of microtasks and ticks called the program. Node's own checkpoint leaves no frame. */
function cameFromTickQueue(stack: Stack): boolean {
  const sync = stack.filter((frame) => !frame.async);
  const outermost = sync.findLastIndex(({ origin }) => origin !== "node");
  const caller = sync[outermost + 1];
  return caller === undefined || caller.file.startsWith("node:internal/process/task_queues");
}

/** Whether Node's module loader is the outermost caller, or, in a worker, the message that tells it what to run. */
export function isStartup(stack: readonly Pick<RawFrame, "file">[]): boolean {
  const outer = stack.at(-1);
  return outer !== undefined && (/^node:internal\/(modules|main)\//.test(outer.file) || stack.some(({ file }) => file === "node:internal/main/worker_thread"));
}

/** The stack without its middle, if it is long. Its innermost frames say most, and the place is in it. */
function shortened({ stack, index = 0 }: Chosen): StackFrame[] {
  if (index < LONGEST_STACK) return stack.slice(0, LONGEST_STACK);
  return [...stack.slice(0, LONGEST_STACK / 2), ...stack.slice(index, index + LONGEST_STACK / 2)];
}
