// Renders a stall as text: cause, duration and place in the first line, then the code, the stack and the
// advice.
import { relative, isAbsolute } from "node:path";
import { wrongOption } from "../errors.js";
import type { Place, Stall, SyncCall } from "../protocol/stall.js";

/** Options of the text of a report. */
export interface FormatOptions {
  /** Paths below this folder are shown relative to it. @default process.cwd() */
  readonly cwd?: string | undefined;
  /** Whether to use ANSI colours. @default false */
  readonly color?: boolean | undefined;
  /** Whether the stall still lasts, so that its duration is the one so far. @default false */
  readonly running?: boolean | undefined;
}

/** Control characters, line ends among them, which could rewrite the terminal or add lines to a log. Names, paths and texts of a program may have them. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** The text with each control character as an escape. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, escape);
}

/** As `printable`, for a text of several lines with tabs. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => line.split("\t").map(printable).join("\t")).join("\n");
}

/** Control characters that JSON leaves as they are. */
const CONTROL_IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The value as JSON with all control characters escaped, because a person may read it in a terminal. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(CONTROL_IN_JSON, escape);
}

const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The number of frames that are shown. The others are counted. */
const MOST_FRAMES = 8;

/**
 * Renders the report of a stall.
 *
 * @param stall from `onStall` or a channel
 * @returns text of several lines, without a newline at its end
 * @throws WatchdogOptionError `stall` is no stall
 */
export function formatStall(stall: Stall, options: FormatOptions = {}): string {
  checkReport("formatStall()", "stall", stall, Array.isArray((stall as Partial<Stall> | null | undefined)?.stack));
  const { cwd = process.cwd(), color = false, running = false } = options;
  const paint = painter(color);
  const lines = [paint(31, paint(1, title(stall, cwd, running)))];
  if (stall.codeFrame !== undefined) lines.push("", indent(highlight(printableLines(stall.codeFrame), paint), 2), "");
  if (stall.task !== undefined) lines.push(`  in task ${printable(stall.task)}`);
  if (stall.context !== undefined) lines.push(`  during ${printable(stall.context)}`);
  if (stall.hot && !isSameLine(stall.hot, stall.place)) lines.push(`  hottest function: ${at(stall.hot, cwd)}, ${Math.round(stall.hot.share * 100)} % of ${stall.samples} samples`);
  const frames = stall.stack.filter((frame) => frame.origin !== "node");
  for (const frame of frames.slice(0, MOST_FRAMES)) {
    lines.push(paint(frame.origin === "user" ? 0 : 2, `    at ${frame.async ? "async " : ""}${at(frame, cwd)}`));
  }
  if (frames.length > MOST_FRAMES) lines.push(paint(2, `    … ${frames.length - MOST_FRAMES} more`));
  if (stall.count > 1) lines.push(`  ${stall.count} stalls at this place, ${ms(stall.totalMs)} in total`);
  lines.push(`  ${paint(32, "fix:")} ${printable(stall.fix)}`);
  return lines.join("\n");
}

/**
 * Renders the report of a sync call.
 *
 * @param call from `onSyncCall` or a channel
 * @returns text of several lines, without a newline at its end
 * @throws WatchdogOptionError `call` is no sync call
 */
export function formatSyncCall(call: SyncCall, options: FormatOptions = {}): string {
  checkReport("formatSyncCall()", "call", call, typeof (call as Partial<SyncCall> | null | undefined)?.instead === "string");
  const { cwd = process.cwd(), color = false } = options;
  const paint = painter(color);
  const argument = call.argument === undefined ? "…" : JSON.stringify(call.argument);
  const where = call.place ? ` at ${at(call.place, cwd)}` : "";
  const lines = [paint(33, `offloop: ${printable(call.name)}(${printable(argument)}) blocked the running loop for ${call.durationMs.toFixed(1)} ms${where}`)];
  if (call.codeFrame !== undefined) lines.push("", indent(highlight(printableLines(call.codeFrame), paint), 2), "");
  if (call.task !== undefined) lines.push(`  in task ${printable(call.task)}`);
  lines.push(`  ${paint(32, "instead:")} ${printable(call.instead)}`);
  return lines.join("\n");
}

function checkReport(of: string, argument: string, got: unknown, fits: boolean): void {
  if (!fits) throw wrongOption(argument, got, "an object that the watchdog made, such as a callback or a channel gives", of);
}

/** Renders the line that follows a report which was written during the stall. */
export function formatEnd(stall: Stall, cwd: string): string {
  return `offloop: the loop turns again after ${ms(stall.durationMs)}${stall.place ? `: ${at(stall.place, cwd)}` : ""}`;
}

/** Renders the line about a stall that lasted until its process ended. @param process such as `server.js (process 4711)` */
export function formatCutOff(stall: Stall, process: string, cwd: string): string {
  return `offloop: ${printable(process)} ended in a stall of ${ms(stall.durationMs)}${stall.place ? `: ${at(stall.place, cwd)}` : ""}`;
}

/** Makes the marked line bold and the others dim. */
export function highlight(frame: string, paint: (code: number, text: string) => string): string {
  return frame.split("\n").map((line) => paint(line.startsWith(">") ? 1 : 2, line)).join("\n");
}

/** Whether the hot function is a callback on the line of the place, which says nothing new. */
function isSameLine(hot: Place, place: Place | undefined): boolean {
  return place !== undefined && hot.file === place.file && hot.line === place.line;
}

export function painter(color: boolean): (code: number, text: string) => string {
  return color ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_code, text) => text;
}

function title(stall: Stall, cwd: string, running: boolean): string {
  const held = running ? `has been held for ${ms(stall.durationMs)} so far` : `was held for ${ms(stall.durationMs)}`;
  const what: Record<Stall["kind"], string> = {
    script: "",
    native: stall.call === undefined ? " in native code" : ` by ${printable(stall.call)}`,
    loading: " by modules that were loaded late, begun",
    microtasks: " by promises that kept queueing more promises",
    callbacks: " by many short callbacks in one turn",
    collection: " by garbage collection",
    starved: ": the process waited for a CPU",
  };
  const near = stall.approximate ? " at or before" : stall.kind === "script" ? " by" : " at";
  const where = stall.place ? `${near} ${at(stall.place, cwd)}` : "";
  const start = stall.phase === "startup" ? " at start-up" : "";
  return `offloop: the event loop ${held}${what[stall.kind]}${where}${start}`;
}

/** `name (file:line:column)`; for an unnamed function, without the name. */
export function at({ file, line, column, function: name }: Place, cwd: string): string {
  const path = printable(short(file, cwd));
  const position = line > 0 ? `${path}:${line}:${column}` : path;
  return name === "" ? position : `${printable(name)} (${position})`;
}

/** The path relative to `cwd` if it is below it, else the whole path. */
export function short(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path.startsWith("..") ? file : path;
}

/** A duration with its unit: milliseconds, or seconds from 10 s on. */
export function ms(duration: number): string {
  return duration >= 10_000 ? `${(duration / 1000).toFixed(1)} s` : `${Math.round(duration)} ms`;
}

export function indent(text: string, by: number): string {
  return text.replaceAll(/^/gm, " ".repeat(by));
}
