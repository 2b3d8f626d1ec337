// The data and messages between the watched thread and the watching thread.
//
//   start-watchdog.ts ── workerData: WatchingThreadData ──▶ watching-thread.ts
//                     ── ToThread messages ──────────────▶
//                     ◀── FromThread messages ────────────
//                     ◀── shared words (below) ──────────▶    readable while the other side is blocked
//                     ── marks (marks.ts) ───────────────▶
import type { IntervalHistogram } from "node:perf_hooks";
import type { MessagePort } from "node:worker_threads";
import type { Marks } from "./marks.js";
import type { ResolvedWatchdogOptions } from "./options.js";
import type { Sample } from "./sample.js";
import type { Stall, SyncCall } from "./stall.js";

/** Indexes into the shared Int32 words of one watchdog. */
export const word = Object.freeze({
  /** 1 while the watching thread has a stall open. A program that exits then waits for its report. */
  stallOpen: 0,
  /** 1 when the watching thread has written its last report. */
  flushed: 1,
  /** 1 from the `exit` event of the watched thread on. Its loop will not turn again, and an open session would keep it from ending. */
  exiting: 2,
  /** How often the heartbeat was started again after a rest. */
  starts: 3,
  count: 4,
});

/** The options that the watching thread reads. Functions cannot cross. */
type ThreadOptions = Omit<ResolvedWatchdogOptions, "logger" | "onStall" | "onSyncCall" | "context" | "requests" | "collections" | "breadcrumbs">;

/** The `workerData` of the watching thread. */
export interface WatchingThreadData {
  readonly options: ThreadOptions;
  readonly words: Int32Array;
  readonly marks: Marks;
  readonly port: MessagePort;
  readonly tickMs: number;
  /** The `threadId` of the watched worker; `undefined`: the main thread is watched. */
  readonly workerThreadId: number | undefined;
  /** The id of the watched thread in the kernel; `undefined` if it is not known. */
  readonly kernelThreadId: number | undefined;
  /** Whether the inspector may be used to ask for the stack. */
  readonly mayProbe: boolean;
  readonly cwd: string;
  readonly color: boolean;
  /** The folder for a file of events that `offloop watch` reads. */
  readonly spool: string | undefined;
  /** The name of the program in reports. */
  readonly program: string;
}

/** The messages from the watched thread to the watching thread. */
export type ToThread =
  | { readonly type: "heartbeat"; readonly histogram: IntervalHistogram }
  | { readonly type: "returned"; readonly call: ReturnedCall }
  /** A long garbage collection; `endedAt` is on the monotonic clock. */
  | { readonly type: "collected"; readonly endedAt: number; readonly durationMs: number }
  /** End the open stall. Answer with `flushed` when all events until now are sent. */
  | { readonly type: "flush"; readonly id: number }
  /** The answer to `sample`. */
  | { readonly type: "sample"; readonly sample: Sample }
  /** The program exits. It is blocked until `word.flushed` is 1. */
  | { readonly type: "exiting" }
  | { readonly type: "stop" };

/** The messages from the watching thread to the watched thread. */
export type FromThread =
  | { readonly type: "ready" }
  | { readonly type: "begin"; readonly stall: Stall }
  | { readonly type: "end"; readonly stall: Stall }
  | { readonly type: "syncCall"; readonly call: SyncCall }
  /** Stop the heartbeat, because the loop is idle, or start it again. */
  | { readonly type: "rest"; readonly resting: boolean }
  | { readonly type: "listening"; readonly url: string }
  /** Somebody looks: answer with `sample`. Sent again when the answer has come, until `unwatched`. */
  | { readonly type: "sample" }
  /** Nobody looks any more: stop recording. */
  | { readonly type: "unwatched" }
  | { readonly type: "flushed"; readonly id: number }
  | { readonly type: "stopped" };

/** A frame as V8 reports it, before source maps. */
export interface RawFrame {
  /** A URL, a path or a `node:` specifier; `""` if V8 knows none. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly async: boolean;
  /** Whether file, line and column are those of the source already. */
  readonly mapped?: boolean;
  /** The line and column at which the function starts, where V8 tells. */
  readonly start?: readonly [line: number, column: number];
}

/** A sample: the stack at one moment of the stall. The probe returns it as JSON. */
export interface Capture {
  /** In monotonic milliseconds. */
  readonly at: number;
  readonly frames: readonly RawFrame[];
  /** The number of microtasks and ticks that probes queued and that have run by now. */
  readonly turned: number;
  /** The number of CommonJS modules that are loaded, if one is being loaded. */
  readonly modules?: number;
  /** The task or callback that ran. */
  readonly task?: string;
  readonly context?: string;
}

/** A marked call of 2 ms or more that returned while a stall was open. With `syncCalls: "report"`, any marked call that returned. */
export interface ReturnedCall {
  /** The index in `blockingCalls()`, from 1. */
  readonly call: number;
  readonly argument: string | undefined;
  /** The time of its return, in monotonic milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly allowed: boolean;
  readonly frames: readonly RawFrame[];
  readonly task?: string | undefined;
  readonly context?: string | undefined;
}
