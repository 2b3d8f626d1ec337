// All that crosses between the main side and a worker, as discriminated unions.
//
//   dispatch/lane.ts   ── ToWorker ──▶   entry/run-calls.ts
//                      ◀─ FromWorker ──
//
// Threads carry these over a MessagePort, processes over their IPC channel (process/ frames them).
// Calls and outcomes travel as flat arrays: a structured clone of one array of 4 n values costs a
// third of one of n objects.
import type { FunctionPayload } from "./function-payload.js";

/** What a lane tells its worker once about each function that it will call. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly payload: FunctionPayload;
}

/** Calls, flattened: id, function id, slot, arguments, name (where it is not the function's). */
export type FlatCalls = unknown[];
/** Values that one call takes in FlatCalls. */
export const CALL_STRIDE = 5;

/** Outcomes, flattened: slot, outcome kind, value or envelope, milliseconds that the call ran. */
export type FlatOutcomes = unknown[];
/** Values that one outcome takes in FlatOutcomes. */
export const OUTCOME_STRIDE = 4;

/** The outcome kinds: the function's value, what it threw, or nothing, as it was cancelled before it began. */
export const VALUE = 0;
export const THROWN = 1;
export const SKIPPED = 2;

export type ToWorker =
  | { type: "run"; functions: FunctionDefinition[] | undefined; calls: FlatCalls }
  | { type: "cancel"; slot: number; id: number; reason: unknown }
  | { type: "close" };

export type FromWorker =
  | { type: "ready" }
  | { type: "settled"; outcomes: FlatOutcomes };
