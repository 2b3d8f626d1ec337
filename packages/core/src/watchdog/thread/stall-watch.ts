// Watches the heartbeat and follows each stall from the missed beat to the next one.
//
//   state      leaves it when                              and then
//   turning    no beat for the threshold                   → stalled: open a probe, ask for the stack
//   stalled    enough samples, or native code answers not  → reported: begin event and report
//   reported   —                                             sampling goes on, slower and slower
//   stalled, reported   the heart beats again              → turning: end event and report
import type { IntervalHistogram } from "node:perf_hooks";
import { monotonicMs } from "../monotonic.js";
import type { Capture, WatchingThreadData } from "../protocol.js";
import type { Stall } from "../stall.js";
import { attribute } from "./attribute.js";
import type { PlaceBook } from "./place-book.js";
import { Probe, type Inspector } from "./probe.js";

/** While a stall lasts, the thread looks for its end this often: the error of `durationMs`. */
const stalledPollMs = 5;

/** Samples at the beginning of a stall come fast, for an early report; the pause then grows by half each time. */
const firstSamples = 4;
const firstSamplePauseMs = 4;
const longestSamplePauseMs = 250;

/** No answer for this long means that native code has the thread: the report cannot wait for it. */
const nativeAfterMs = 45;

/** A sample this late was taken on the way out of a native call. */
const lateAnswerMs = 30;

/** How long the end of a stall waits for a sample that is on its way. */
const lastAnswerMs = 20;

/** A begin report waits until the stall has lasted this many thresholds, so that a short one gets one report with its duration. */
const reportAtThresholds = 1.4;

/** What the watch tells; `due` says whether the place may be written again. */
export interface StallObserver {
  opened(): void;
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean): void;
  closed(): void;
}

interface OpenStall {
  readonly id: number;
  /** Monotonic. */
  readonly startedAt: number;
  readonly captures: Capture[];
  probe: Probe | undefined;
  askedAt: number | undefined;
  pauseMs: number;
  nextSampleAt: number;
  late: boolean;
  reported: boolean;
  endedAt: number | undefined;
  due: boolean;
}

export class StallWatch {
  readonly #data: WatchingThreadData;
  readonly #book: PlaceBook;
  readonly #observer: StallObserver;
  readonly #epochOffsetMs = Date.now() - monotonicMs();
  #inspector: Inspector | undefined;
  #heartbeat: IntervalHistogram | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #lastBeatAt = 0;
  #lastPollAt = 0;
  #stalls = 0;
  #stall: OpenStall | undefined;

  constructor(data: WatchingThreadData, book: PlaceBook, observer: StallObserver) {
    this.#data = data;
    this.#book = book;
    this.#observer = observer;
  }

  /** Keeps the histogram: it is the heart, and stops where nothing refers to it. */
  async start(heartbeat: IntervalHistogram): Promise<void> {
    // Where there is no inspector, or no permission to use it, even the import may fail.
    if (this.#data.mayProbe) this.#inspector = await import("node:inspector");
    this.#heartbeat = heartbeat;
    this.#beats = heartbeat.count;
    this.#lastBeatAt = this.#lastPollAt = monotonicMs();
    this.#schedule(this.#data.tickMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#heartbeat = undefined;
  }

  /** Ends the open stall now, if there is one. */
  finish(): void {
    this.#poll();
    if (this.#stall) this.#close(this.#stall, this.#stall.endedAt ?? monotonicMs());
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#poll();
      if (this.#heartbeat) this.#schedule(this.#stall ? stalledPollMs : this.#data.tickMs);
    }, delayMs);
  }

  #poll(): void {
    if (!this.#heartbeat) return;
    const now = monotonicMs();
    this.#forgiveOwnLateness(now);
    this.#lastPollAt = now;
    const { count } = this.#heartbeat;
    if (count !== this.#beats) {
      this.#beats = count;
      this.#lastBeatAt = now;
      if (this.#stall) this.#stall.endedAt ??= now;
    }
    if (this.#stall) this.#follow(this.#stall, now);
    else if (now - this.#lastBeatAt >= this.#data.thresholdMs) this.#open(now);
  }

  /** What this thread slept through, suspended with its process or without a CPU, is not the loop's fault. */
  #forgiveOwnLateness(now: number): void {
    const lateMs = now - this.#lastPollAt - this.#data.tickMs;
    if (lateMs > this.#data.tickMs) this.#lastBeatAt = Math.min(now, this.#lastBeatAt + lateMs);
  }

  #open(now: number): void {
    const stall: OpenStall = {
      id: this.#stalls + 1,
      startedAt: this.#lastBeatAt,
      captures: [],
      probe: this.#inspector && new Probe(this.#inspector),
      askedAt: undefined,
      pauseMs: firstSamplePauseMs,
      nextSampleAt: now,
      late: false,
      reported: false,
      endedAt: undefined,
      due: false,
    };
    this.#stall = stall;
    this.#observer.opened();
    this.#ask(stall, now);
  }

  #follow(stall: OpenStall, now: number): void {
    if (stall.endedAt !== undefined) {
      const waiting = stall.askedAt !== undefined && now - stall.endedAt < lastAnswerMs;
      if (!waiting) this.#close(stall, stall.endedAt);
      return;
    }
    if (stall.askedAt === undefined && now >= stall.nextSampleAt) this.#ask(stall, now);
    if (!stall.reported && this.#mayReport(stall, now)) this.#report(stall, now);
  }

  #ask(stall: OpenStall, now: number): void {
    if (!stall.probe) return;
    stall.askedAt = now;
    stall.probe.ask((capture) => {
      const answeredAt = monotonicMs();
      const late = capture.at - (stall.askedAt ?? answeredAt) > lateAnswerMs;
      stall.askedAt = undefined;
      if (stall.captures.length >= firstSamples) stall.pauseMs = Math.min(longestSamplePauseMs, stall.pauseMs * 1.5);
      stall.nextSampleAt = answeredAt + stall.pauseMs;
      // A stack that was taken after the stall is somebody else's.
      if (stall.endedAt !== undefined && capture.at > stall.endedAt) return;
      if (capture.frames.length === 0) return;
      if (late && stall.captures.length === 0) stall.late = true;
      if (!late || stall.late) stall.captures.push(capture);
    });
  }

  #mayReport(stall: OpenStall, now: number): boolean {
    if (now - stall.startedAt < this.#data.thresholdMs * reportAtThresholds) return false;
    if (stall.captures.length >= firstSamples) return true;
    return !stall.probe || (stall.askedAt !== undefined && now - stall.askedAt >= nativeAfterMs);
  }

  #report(stall: OpenStall, now: number): void {
    const attributed = attribute(stall.captures, { late: stall.late, native: stall.askedAt !== undefined });
    if (attributed.phase === "startup" && now - stall.startedAt < this.#data.startupThresholdMs) return;
    stall.reported = true;
    const { stall: described, due } = this.#describe(stall, now, false);
    stall.due = due;
    this.#observer.began(described, due);
  }

  #close(stall: OpenStall, endedAt: number): void {
    this.#stall = undefined;
    stall.probe?.close();
    const { phase } = attribute(stall.captures, { late: stall.late, native: false });
    const limitMs = phase === "startup" ? this.#data.startupThresholdMs : this.#data.thresholdMs;
    if (stall.reported || endedAt - stall.startedAt >= limitMs) {
      const wasReported = stall.reported;
      const { stall: described, due } = this.#describe(stall, endedAt, true);
      if (!wasReported) this.#observer.began(described, false);
      this.#observer.ended(described, wasReported ? stall.due : due);
    }
    this.#observer.closed();
  }

  #describe(stall: OpenStall, until: number, ended: boolean): { stall: Stall; due: boolean } {
    this.#stalls = stall.id;
    const attributed = attribute(stall.captures, { late: stall.late, native: stall.askedAt !== undefined && !ended });
    const durationMs = Math.round((until - stall.startedAt) * 10) / 10;
    const { count, totalMs, due } = this.#book.enter(attributed.place, durationMs, ended, stall.reported && ended);
    return {
      stall: { id: stall.id, startedAt: Math.round(stall.startedAt + this.#epochOffsetMs), durationMs, ...attributed, count, totalMs },
      due,
    };
  }
}
