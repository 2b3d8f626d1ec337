// All that crosses between the watched thread and the watching one.
//
//   start-watchdog.ts ── workerData: WatchingThreadData ──▶ thread/entry.ts
//                     ── ToThread messages ──────────────▶
//                     ◀── FromThread messages ────────────
//                     ◀── shared words (below) ──────────▶    readable while the other side is blocked
import type { IntervalHistogram } from "node:perf_hooks";
import type { MessagePort } from "node:worker_threads";
import type { ReportFormat } from "./options.js";
import type { Stall } from "./stall.js";

/** Indexes into the shared Int32Array. */
export const word = Object.freeze({
  /** 1 while a stall is open in the watching thread, so that an exiting program knows to wait for it. */
  stallOpen: 0,
  /** 1 once the watching thread has written its last report. */
  flushed: 1,
  count: 2,
});

export interface WatchingThreadData {
  readonly words: Int32Array;
  readonly port: MessagePort;
  readonly tickMs: number;
  readonly thresholdMs: number;
  readonly startupThresholdMs: number;
  readonly report: ReportFormat;
  readonly repeatAfterMs: number;
  /** Whether the stack of the main thread may be asked for. */
  readonly mayProbe: boolean;
  readonly cwd: string;
  readonly color: boolean;
}

export type ToThread =
  | { readonly type: "heartbeat"; readonly histogram: IntervalHistogram }
  /** The program is ending and waits, blocked, for `word.flushed`. */
  | { readonly type: "exiting" }
  | { readonly type: "stop" };

export type FromThread =
  | { readonly type: "begin"; readonly stall: Stall }
  | { readonly type: "end"; readonly stall: Stall }
  | { readonly type: "ready" }
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
}
