// The objects that a logger gets: small enough for a line of a log, and without source code.
import type { HotFrame, Place, Stall, StallKind, SyncCall } from "../protocol/stall.js";
import { formatStall, formatSyncCall } from "./console.js";

/** A stall in a log. The properties have the meaning that they have in `Stall`. */
export interface LoggedStall {
  /** What held the loop. */
  readonly kind: StallKind;
  /** `startup` while the program evaluates its modules. */
  readonly phase: "startup" | "running";
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The line that held the loop. `undefined`: it is not known. */
  readonly place: Place | undefined;
  /** The function in which most samples lay, if it is another one than that of `place`. */
  readonly hot: HotFrame | undefined;
  /** The native call that held the loop, if one did. */
  readonly call: string | undefined;
  /** The name of the task that ran. */
  readonly task: string | undefined;
  /** The request, or the name from the `context` option. */
  readonly request: string | undefined;
  /** The number of stalls at this place so far, and their duration in milliseconds. */
  readonly count: number;
  /** The duration of all stalls at this place so far, in milliseconds. */
  readonly totalMs: number;
  /** What to do about the stall, in one sentence. */
  readonly fix: string;
}

/** A sync call in a log. The properties have the meaning that they have in `SyncCall`. */
export type LoggedSyncCall = Pick<SyncCall, "name" | "argument" | "durationMs" | "place" | "task" | "instead" | "count">;

/** An object for a log, and its text. */
export type LogEntry<T> = readonly [object: T, text: string];

export function stallEntry(stall: Stall): LogEntry<{ stall: LoggedStall }> {
  const { kind, phase, startedAt, durationMs, place, hot, call, task, context, count, totalMs, fix } = stall;
  return [{ stall: { kind, phase, startedAt, durationMs, place, hot, call, task, request: context, count, totalMs, fix } }, firstLine(formatStall(stall))];
}

export function syncCallEntry(syncCall: SyncCall): LogEntry<{ syncCall: LoggedSyncCall }> {
  const { name, argument, durationMs, place, task, instead, count } = syncCall;
  return [{ syncCall: { name, argument, durationMs, place, task, instead, count } }, firstLine(formatSyncCall(syncCall))];
}

const firstLine = (report: string): string => report.split("\n", 1)[0]!;
