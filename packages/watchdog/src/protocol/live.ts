// What the live page receives: server-sent events of one type, and the answers to its questions about one stall.
//
//   watched thread ◀── sample, unwatched ── report/live-feed.ts ── /events: LiveUpdate, twice a second ──▶ page/live.ts
//                  ── sample ─────────────▶ report/live-page.ts ── /stalls/7: StallDetails ──────────────▶
import type { Sample } from "./sample.js";
import type { StallKind } from "./stall.js";

/** A stall as a mark on the time line. */
export interface LiveStall {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly kind: StallKind;
  /** What held the loop, in a few words. */
  readonly where: string;
}

/** A line of the table of the worst places. */
interface LivePlace {
  readonly where: string;
  readonly kind: StallKind;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

/** What has changed. The first update of a connection has all that is known. */
export interface LiveUpdate {
  /** Milliseconds since the epoch, by the clock of the program's machine. */
  readonly now: number;
  readonly program: string;
  readonly pid: number;
  readonly thresholdMs: number;
  readonly startedAt: number;
  /** The delays since the last update: the time of each stretch of 250 ms, and its longest delay. A stretch that grows is sent again. */
  readonly delays: readonly (readonly [at: number, delayMs: number])[];
  /** The stall that lasts. */
  readonly running: LiveStall | undefined;
  /** The stalls that have ended since the last update. */
  readonly ended: readonly LiveStall[];
  readonly stallCount: number;
  readonly stalledMs: number;
  readonly longestMs: number;
  readonly worst: readonly LivePlace[];
  /** What the watched thread has answered since the last update. It answers when its loop turns. */
  readonly sample: Sample | undefined;
  /** Whether the watched thread can be asked: calls and tasks are known then. */
  readonly hasSamples: boolean;
}

/** A box of a flame graph. `left` and `share` are parts of the width, from 0 to 1. */
export interface FlameBox {
  readonly label: string;
  readonly title: string;
  readonly origin: string;
  readonly depth: number;
  readonly left: number;
  readonly share: number;
}

/** A line of a stack. */
interface LiveFrame {
  readonly text: string;
  readonly origin: string;
  readonly async: boolean;
}

/** One stall, in full. */
export interface StallDetails {
  readonly title: string;
  readonly codeFrame: string | undefined;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly stack: readonly LiveFrame[];
  readonly flame: readonly FlameBox[];
  readonly fix: string;
}
