// Finds the function that a person can move to a worker thread, and what stands in the way of that.
import type { StackFrame } from "../protocol/stall.js";
import { type Chosen, isOwn, type Stack } from "./choose-place.js";

/**
 * Why the function of the place should not be offloaded as it is.
 * - `pattern`: a regular expression took the time, and the pattern may be the fault.
 * - `request`: Node's HTTP server or a framework calls the function with a request and a response, which cannot travel.
 * - `stream`: a stream calls the function for each chunk, so a call on a worker thread costs more than it gains.
 */
type Obstacle = "pattern" | "request" | "stream";

export interface ToOffload {
  /** The name of the function, if it has one. */
  readonly name: string | undefined;
  readonly obstacle: Obstacle | undefined;
}

/** A regular expression took the time if this share of the samples ended in one. */
const PATTERN_SHARE = 0.6;

/** The builtins that run a regular expression. */
const usesPattern = /^(RegExp\.|String\.(match|matchAll|replace|replaceAll|search|split)$)/;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

export function whatToOffload(chosen: Chosen, stacks: readonly Stack[]): ToOffload {
  return { name: nameOf(chosen), obstacle: obstacleOf(chosen, stacks) };
}

/**
 * The name of the place, or of its nearest caller in the program whose name is an identifier. A callback that a
 * builtin or an emitter calls is skipped if a function of the program led there: to offload a comparator would help nobody.
 */
function nameOf({ stack, index }: Chosen): string | undefined {
  if (index === undefined) return undefined;
  const own = stack.map((frame, at) => ({ frame, at })).slice(index).filter(({ frame }) => isOwn(frame) && frame.async === stack[index]!.async);
  return own
    .filter(({ at }) => at === own.at(-1)?.at || !callsBack(stack[at + 1]))
    .map(({ frame }) => frame.function.split(".").at(-1) ?? "")
    .find((name) => identifier.test(name));
}

function obstacleOf({ stack, index }: Chosen, stacks: readonly Stack[]): Obstacle | undefined {
  if (stacks.filter(([top]) => top?.file === "" && usesPattern.test(top.function)).length > stacks.length * PATTERN_SHARE) return "pattern";
  const caller = index === undefined ? undefined : stack[index + 1];
  if (!caller || caller.async || caller.origin === "user" || caller.file === "" || stack.some((frame, at) => at > index! && isOwn(frame) && !frame.async)) return undefined;
  if (isStream(caller)) return "stream";
  return stack.some(({ file, async }) => file === "node:_http_server" && !async) ? "request" : undefined;
}

/** Whether the frame belongs to a builtin, such as `Array.sort`, or to an emitter or a stream. */
function callsBack(frame: StackFrame | undefined): boolean {
  return frame !== undefined && (frame.file === "" || frame.file === "node:events" || isStream(frame));
}

function isStream({ file }: StackFrame): boolean {
  return /^node:(stream|internal\/streams\/)/.test(file);
}
