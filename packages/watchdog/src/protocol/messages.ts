// All that crosses between the watched thread and the watching one.
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
import type { Stall, SyncCall } from "./stall.js";

/** Indexes into the shared Int32Array of one watchdog. */
export const word = Object.freeze({
  /** 1 while a stall is open in the watching thread, so that an exiting program knows to wait for it. */
  stallOpen: 0,
  /** 1 once the watching thread has written its last report. */
  flushed: 1,
  /** 1 from the watched thread's `exit` event on: its loop will not turn again, and an open session would keep it from ending. */
  exiting: 2,
  /** How often the heart was started again after a rest. */
  starts: 3,
  count: 4,
});

/** The options that the watching thread reads: those that can cross. */
export type ThreadOptions = Omit<ResolvedWatchdogOptions, "onStall" | "onSyncCall" | "context" | "requests" | "collections" | "breadcrumbs">;

export interface WatchingThreadData {
  readonly options: ThreadOptions;
  readonly words: Int32Array;
  readonly marks: Marks;
  readonly port: MessagePort;
  readonly tickMs: number;
  /** Which worker is watched, as `node:worker_threads` counts; `undefined`: the main thread. */
  readonly workerThreadId: number | undefined;
  /** The watched thread's number in the kernel; `undefined` elsewhere than on Linux. */
  readonly kernelThreadId: number | undefined;
  /** Whether the stack of the watched thread may be asked for. */
  readonly mayProbe: boolean;
  readonly cwd: string;
  readonly color: boolean;
  /** A file descriptor of a parent that reads events as JSON lines. */
  readonly eventsFd: number | undefined;
  /** What the program is called in reports. */
  readonly program: string;
}

export type ToThread =
  | { readonly type: "heartbeat"; readonly histogram: IntervalHistogram }
  | { readonly type: "returned"; readonly call: ReturnedCall }
  /** A long collection, on the monotonic clock. */
  | { readonly type: "collected"; readonly endedAt: number; readonly durationMs: number }
  /** Close the open stall, and answer when all that was seen until now is delivered. */
  | { readonly type: "flush"; readonly id: number }
  /** The program is ending and waits, blocked, for `word.flushed`. */
  | { readonly type: "exiting" }
  | { readonly type: "stop" };

export type FromThread =
  | { readonly type: "ready" }
  | { readonly type: "begin"; readonly stall: Stall }
  | { readonly type: "end"; readonly stall: Stall }
  | { readonly type: "syncCall"; readonly call: SyncCall }
  /** Stop the heart, as the loop is idle, or start it again. */
  | { readonly type: "rest"; readonly resting: boolean }
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "flushed"; readonly id: number }
  | { readonly type: "stopped" };

/** A frame as V8 tells it, before source maps. */
export interface RawFrame {
  /** URL, path or `node:` specifier; `""` where V8 knows none. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly async: boolean;
}

/** What the probe returns, as JSON: the stack at one moment of the stall. */
export interface Capture {
  /** Monotonic milliseconds: `monotonicMs()`. */
  readonly at: number;
  readonly frames: readonly RawFrame[];
  /** How many of the microtasks and ticks that probes queued have run by now. */
  readonly turned: number;
  /** The task or handle that was running. */
  readonly task?: string;
  readonly context?: string;
}

/** A marked call that returned while a stall was open, or any where sync calls are reported. */
export interface ReturnedCall {
  /** Index in `blockingCalls`, from 1. */
  readonly call: number;
  readonly argument: string | undefined;
  /** When it returned; monotonic. */
  readonly at: number;
  readonly durationMs: number;
  readonly allowed: boolean;
  readonly frames: readonly RawFrame[];
  readonly task?: string | undefined;
  readonly context?: string | undefined;
}
