// All that crosses between the main side and a worker, as discriminated unions.
//
//   dispatch/lane.ts   ── ToWorker ──▶   entry/run-calls.ts
//                      ◀─ FromWorker ──
//
// Threads carry these over a MessagePort, processes as frames on a socket (channel/).
// Calls and outcomes travel as flat arrays, of small integers as far as can be: a structured clone of one
// such array costs a tenth of one of n objects or of arrays within it.
import type { ContextValues } from "../executor/propagate.js";
import type { Envelope } from "./error-envelope.js";
import type { Captures, FunctionPayload } from "./function-payload.js";

/** What a lane tells its worker once about each function that it will call. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly payload: FunctionPayload;
}

/** What some calls have and most have not. */
export interface CallExtras {
  /** The call's name, where it is not the function's. */
  readonly name?: string;
  /** The function is a generator: how many items it may send before the consumer has taken some. */
  readonly credits?: number;
  /** Values of propagated contexts, by name. */
  readonly context?: ContextValues;
  /** Which arguments are web streams that were Node streams. */
  readonly streams?: readonly number[];
  /** The function runs for each item of the one argument. */
  readonly chunk?: true;
  /** What the function captured at the moment of the call: resolving it gave a maker that takes them. */
  readonly captures?: Captures;
  /** Whether anybody listens to its progress. */
  readonly progress?: true;
}

/**
 * Calls, flattened. Those that follow each other and are alike are a row: function id, shape, how many
 * they are; then for each its id, its slot, its arguments, its extras if it has any. The shape is twice the
 * number of arguments, and 1 where there are extras.
 */
export type FlatCalls = ArrayLike<unknown>;
/** Values of a row before its calls. */
export const ROW_HEAD = 3;
/** Values of a call before its arguments. */
export const CALL_HEAD = 2;

/** Outcomes, flattened: four times the slot plus the outcome's kind, value or envelope. */
export type FlatOutcomes = ArrayLike<unknown>;
/** Values that one outcome takes in FlatOutcomes. */
export const OUTCOME_STRIDE = 2;

/** The outcome kinds: the function's value, what it threw, nothing, as it was cancelled before it began, or `undefined`, with a 0 in its place. */
export const VALUE = 0 as const;
export const THROWN = 1 as const;
export const SKIPPED = 2 as const;
export const VOID = 3 as const;

/** The value of a call that was a chunk. */
export interface ChunkValue {
  readonly values: ArrayLike<unknown>;
  /** What the item after the last value threw. */
  readonly failed: Envelope | undefined;
  readonly ms: number;
}

/** What a worker is told of its own life, before its first call. */
export interface WorkerLife {
  readonly workerId: number;
  /** Module URLs. */
  readonly setup: string | undefined;
  readonly teardown: string | undefined;
  readonly setupData: unknown;
  /** Report the heap when it holds more than this. */
  readonly recycleAboveHeapBytes: number;
  /** Send what is printed as messages, instead of printing it. */
  readonly captureOutput: boolean;
}

export type ToWorker =
  | { type: "open"; life: WorkerLife }
  | { type: "run"; functions?: FunctionDefinition[]; calls: FlatCalls }
  | { type: "cancel"; slot: number; id: number; reason: unknown }
  | { type: "credit"; id: number; credits: number }
  | { type: "answerBack"; id: number; kind: typeof VALUE | typeof THROWN; value: unknown }
  | { type: "close" };

export type FromWorker =
  | { type: "ready" }
  | { type: "failed"; envelope: Envelope }
  | { type: "heap"; bytes: number }
  | { type: "output"; stream: "stdout" | "stderr"; callName: string | undefined; text: string }
  /** `ms` is how long each ran, where no shared memory tells. */
  | { type: "settled"; outcomes: FlatOutcomes; ms?: number[] }
  | { type: "items"; slot: number; id: number; items: unknown[] }
  | { type: "progress"; slot: number; id: number; value: unknown }
  | CallBack
  | { type: "cancelBack"; id: number; reason: unknown };

/** A worker has the main side run a function. */
export interface CallBack {
  readonly type: "callBack";
  /** 0: nobody waits for an answer. */
  readonly id: number;
  /** The id of the call that asks; 0: none. */
  readonly call: number;
  readonly name: string;
  /** The worker's number for the function; `payload` comes with its first use. */
  readonly fn: number;
  readonly payload?: FunctionPayload;
  readonly captures?: Captures;
  readonly context?: ContextValues;
  readonly args: unknown[];
}
