// Every message between the main side and a worker, as discriminated unions.
//
//   dispatch/lane.ts   ── ToWorker ──▶   entry/run-calls.ts
//                      ◀─ FromWorker ──
//
// Threads send them through a MessagePort, and processes as frames on a socket (frames/). Calls and outcomes travel
// as flat arrays, of small integers if possible. A structured clone of one flat array costs a tenth of a clone of
// the same values in objects or nested arrays.
import type { ContextValues } from "../executor/propagate.js";
import type { Contents, Parcel } from "./parcel.js";
import type { Captures, FunctionPayload } from "./function-payload.js";

/** A function that a lane announces to its worker, before the first call of the function. */
export interface FunctionDefinition {
  readonly id: number;
  readonly name: string;
  readonly payload: FunctionPayload;
}

/** Data of a call that few calls need. */
export interface CallExtras {
  /** The call's name, if it differs from the function's. */
  readonly name?: string;
  /** For a generator: the number of items that it may send before the consumer takes some. */
  readonly credits?: number;
  /** Values of propagated contexts, by name. */
  readonly context?: ContextValues;
  /** The indexes of arguments that are web streams and were Node streams. */
  readonly streams?: readonly number[];
  /** The function runs for each item of its single argument. */
  readonly chunk?: true;
  /** The values that the function had captured when the call was made. The resolved function is then a maker that takes them. */
  readonly captures?: Captures;
  /** The packed parts of the call. A packed part is missing in its own place. */
  readonly packed?: { readonly args?: Parcel; readonly context?: Parcel; readonly captures?: Parcel };
  /** Whether the caller listens to progress. */
  readonly progress?: true;
  /**
   * The call has a run deadline, which may end its worker. The worker sends the outcomes of earlier calls before it
   * begins this one, so that they are not lost. Without shared memory it also sends `began`.
   */
  readonly timed?: true;
}

/**
 * Calls as one flat array, in rows. A row contains consecutive calls of one function with the same shape:
 * function id, shape, number of calls; then for each call its id, its slot, its arguments, and its extras if
 * it has any. The shape is twice the number of arguments, plus 1 if there are extras.
 */
export type FlatCalls = ArrayLike<unknown>;
/** The number of values of a row before its calls. */
export const ROW_HEAD = 3;
/** The number of values of a call before its arguments. */
export const CALL_HEAD = 2;

/** Outcomes as one flat array: the id of the call, eight times the slot plus the kind of the outcome, then its value. */
type FlatOutcomes = ArrayLike<unknown>;
/** The number of values of one outcome in FlatOutcomes. */
export const OUTCOME_STRIDE = 3;

/** An outcome that is the returned value. */
export const VALUE = 0 as const;
/** An outcome that is the thrown value, packed. */
export const THROWN = 1 as const;
/** The outcome of a call that was cancelled before it began: it has no value. */
export const SKIPPED = 2 as const;
/** An outcome that is `undefined`. A 0 stands in its place. */
export const VOID = 3 as const;
/** An outcome that is the returned value, packed. */
export const PACKED = 4 as const;
/** The kind of an outcome: one of the numbers above. */
export type OutcomeKind = typeof VALUE | typeof THROWN | typeof SKIPPED | typeof VOID | typeof PACKED;

/** The value of a call that was a chunk. */
export interface ChunkValue {
  readonly values: ArrayLike<unknown>;
  /** The error of the item after the last value. */
  readonly failed: Contents | undefined;
  readonly ms: number;
}

/** The data that a worker gets before its first call. */
export interface WorkerLife {
  readonly workerId: number;
  /** Module URLs. */
  readonly setup: string | undefined;
  readonly teardown: string | undefined;
  readonly setupData: unknown;
  /** Whether `setupData` is a parcel. */
  readonly packed?: true;
  /** The worker reports its heap if it holds more than this. */
  readonly recycleAboveHeapBytes: number;
  /** Send printed output as messages instead of printing it. */
  readonly captureOutput: boolean;
}

/** For messages with values. `buffers` are the Buffers among the values, which structured clone turns into Uint8Arrays. */
interface WithBuffers {
  buffers?: Uint8Array[];
}

/** The messages from the main side to a worker. */
export type ToWorker =
  | ({ type: "open"; life: WorkerLife } & WithBuffers)
  /** `timed`: from now on, the worker sends when each call began. */
  | ({ type: "run"; functions?: FunctionDefinition[]; calls: FlatCalls; timed?: true } & WithBuffers)
  | { type: "cancel"; slot: number; id: number; reason: Contents }
  | { type: "credit"; id: number; credits: number }
  | ({ type: "answerBack"; id: number; kind: typeof VALUE | typeof THROWN | typeof PACKED; value: unknown } & WithBuffers)
  | { type: "close" };

/** The messages from a worker to the main side. */
export type FromWorker =
  | { type: "ready" }
  | { type: "failed"; thrown: Contents }
  /** The worker could not read a message, so its content is unknown. */
  | { type: "unreadable"; thrown: Contents }
  /** The worker should be replaced: its heap is above the limit, or a module failed to load. */
  | { type: "worn" }
  | { type: "output"; stream: "stdout" | "stderr"; callName: string | undefined; text: string }
  /**
   * `ms`: how long each call ran. `begun`: when it began, on the clock of `toShared`; only after a `run` message with `timed`.
   * Both are present only without shared memory.
   */
  | ({ type: "settled"; outcomes: FlatOutcomes; ms?: number[]; begun?: number[] } & WithBuffers)
  /** `packed`: the indexes of items that are parcels. */
  | ({ type: "items"; slot: number; id: number; items: unknown[]; packed?: number[] } & WithBuffers)
  /** A timed call begins. Outcomes of earlier calls have been sent before it. */
  | { type: "began"; slot: number; id: number }
  | ({ type: "progress"; slot: number; id: number; value: unknown; packed?: true } & WithBuffers)
  | CallBack
  | { type: "cancelBack"; id: number; reason: unknown };

/** A worker requests that the main side run a function. */
export interface CallBack extends WithBuffers {
  /** Tells this message from the others of a worker. */
  readonly type: "callBack";
  /** 0: no answer is expected. */
  readonly id: number;
  /** The id of the call that requests it. 0: none. */
  readonly call: number;
  /** The name of the function in errors and events. */
  readonly name: string;
  /** The worker is blocked until the answer arrives. */
  readonly sync?: true;
  /** The worker's number for the function. `payload` comes with the first use of it. */
  readonly fn: number;
  /** How the main side finds the function. */
  readonly payload?: FunctionPayload;
  /** The values of the variables that the function captures. */
  readonly captures?: Captures;
  /** The values of context variables that cross with the request. */
  readonly context?: ContextValues;
  /** The arguments, unless they are in `parcel`. */
  readonly args: unknown[];
  /** The packed arguments, in place of `args`. */
  readonly parcel?: Parcel;
}
