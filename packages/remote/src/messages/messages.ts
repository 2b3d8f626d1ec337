// What callers and hosts say to each other. codec.ts turns messages into bytes. Fields named `packed` hold a value that
// `pack` turned into bytes.
//
//   caller ── JobMessage, through the queue ───▶ host        caller/jobs.ts      host/host.ts
//          ── ToHost, into its inbox ──────────▶
//          ◀── ToCaller, into its inbox ────────
import { randomUUID } from "node:crypto";
import type { Contents, FunctionReference, OutcomeKind } from "@offloop/workers/pool";

/** Part of the name of each queue: peers that write another format never meet. */
export const FORMAT = 1;

/** The id of a new host. It ends with the name, so that the name is known of a host that is lost before it has said anything. */
export const idOfHost = (name: string): string => `host-${randomUUID()}-${encodeURIComponent(name)}`;

/** The name in the id of a host. */
export const nameOfHost = (id: string): string => decodeURIComponent(id.slice("host-".length + 37));

/** What calls of one function with the same options have in common. */
export interface SharedPart {
  /** The caller's inbox. */
  readonly caller: string;
  /** Its module is named relative to the root. */
  readonly fn: FunctionReference;
  readonly kind: "call" | "chunk" | "stream";
  readonly name: string;
  readonly queueTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly graceMs: number;
  /** Whether a cancellation ends the worker at once. */
  readonly terminate: boolean;
  /** Whether the caller listens to progress. */
  readonly progress: boolean;
}

/** What is in the queue: one call, or several. */
export interface JobMessage extends SharedPart {
  readonly key: string;
  /** The number of its calls. */
  readonly count: number;
  /** The arguments of the call, or the items of its chunk; for several calls a list of those. */
  readonly packed: Uint8Array;
  /** The context of each call; `undefined`: none has one. */
  readonly contexts: readonly (Uint8Array | undefined)[] | undefined;
}

/** The key of a call, by its position in its job. */
export const keyInJob = (job: string, index: number): string => `${job}.${index}`;

/** The workers of a host, which it sends with each answer. */
export interface HostStats {
  readonly workers: number;
  readonly idleWorkers: number;
  readonly startingWorkers: number;
  readonly crashes: number;
  readonly workersStarted: number;
  readonly utilization: number;
}

/** What others see of a host. */
export interface HostAbout {
  readonly name: string;
  /** The number of calls that it runs at once. */
  readonly capacity: number;
  readonly stats: HostStats;
}

/** Messages in an inbox. Their sender numbers its letters to each receiver, so that one that arrives twice is received once. */
export interface Letter<M> {
  readonly from: string;
  readonly number: number;
  readonly messages: readonly M[];
}

/** Messages to a host. */
export type ToHost =
  | { readonly type: "cancel"; readonly key: string; readonly reason: Contents; readonly terminate: boolean }
  /** The generator may send this many more items. */
  | { readonly type: "credit"; readonly key: string; readonly credits: number }
  /** The answer to a `callBack`. `value` is a parcel, or what was thrown, as the kind says. */
  | { readonly type: "answerBack"; readonly key: string; readonly id: number; readonly kind: OutcomeKind; readonly value: unknown }
  /** Run the call once on each worker. The host answers with `each`. */
  | { readonly type: "each"; readonly key: string; readonly call: JobMessage }
  /** Start workers until there are so many. The host answers with `fulfilled` or `rejected`. */
  | { readonly type: "warmUp"; readonly key: string; readonly caller: string; readonly workers: number };

/** From the claim of a call to its answer; how long it waited in the pool of the host; how long it ran, if it began. In milliseconds. */
export type HostTimes = readonly [ms: number, queuedMs: number, runMs: number | undefined];

/** Messages to a caller. */
export type ToCaller =
  /** The host has claimed the job with this key. */
  | { readonly type: "started"; readonly key: string; readonly about: HostAbout }
  | { readonly type: "items"; readonly key: string; readonly packed: Uint8Array }
  | { readonly type: "progress"; readonly key: string; readonly packed: Uint8Array }
  /** Calls of the job with this key have returned. `calls`: their positions. `packed`: the value of the call, or a list of the values. The other lists are in the same order. */
  | { readonly type: "fulfilled"; readonly key: string; readonly calls: readonly number[]; readonly packed: Uint8Array; readonly stats: HostStats; readonly times: readonly HostTimes[] }
  | { readonly type: "rejected"; readonly key: string; readonly thrown: Contents; readonly stats: HostStats; readonly times: HostTimes }
  /** The function requests another one by fromThread(). `id` 0: no answer is expected. */
  | { readonly type: "callBack"; readonly key: string; readonly id: number; readonly name: string; readonly fn: FunctionReference; readonly packed: Uint8Array; readonly context: Uint8Array | undefined }
  | { readonly type: "cancelBack"; readonly key: string; readonly id: number; readonly reason: string }
  /** The keys of the calls that `each` made, one for each worker. */
  | { readonly type: "each"; readonly key: string; readonly keys: readonly string[] };

/** The result of a chunk, as it crosses. */
export interface ChunkMessage {
  readonly values: ArrayLike<unknown>;
  readonly failed: Contents | undefined;
  readonly ms: number;
}
