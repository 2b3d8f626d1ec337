// Watches the heartbeat and follows each stall from the missed beat to the next one.
//
//   state      leaves it when                                        and then
//   turning    no beat for the threshold that nothing else excuses   → stalled: ask for the stack
//   stalled    enough samples, or native code lets none in           → reported: begin event
//   reported   —                                                       sampling goes on, slower and slower
//   stalled, reported   the heart beats again                        → turning: end event
//
// What excuses a missed beat: this thread slept as well (the process was suspended), the watched
// thread waited for a CPU, or the program said that it means to block.
import type { IntervalHistogram } from "node:perf_hooks";
import { allowedMs, mark } from "../marks.js";
import { monotonicMs } from "../monotonic.js";
import type { Capture, RawFrame, ReturnedCall, WatchingThreadData } from "../protocol.js";
import type { Stall } from "../stall.js";
import { attribute } from "./attribute.js";
import { CpuTimeReader, type CpuTime } from "./cpu-time.js";
import { originOf, pathOf } from "./frames.js";
import type { OpenStall } from "./open-stall.js";
import type { PlaceBook } from "./place-book.js";
import { Probe, type Inspector } from "./probe.js";
import { callText, readMark } from "./read-mark.js";

/** While a stall lasts, the thread looks for its end this often: the error of `durationMs`. */
const stalledPollMs = 5;

/** Samples at the beginning of a stall come fast, for an early report; the pause then grows by half each time. */
const firstSamples = 4;
const firstSamplePauseMs = 4;
const longestSamplePauseMs = 250;

/** More samples than this say nothing new, and would fill the memory in a stall that never ends. */
const mostSamples = 500;

/** No answer for this long means that native code has the thread: the report cannot wait for it. */
const nativeAfterMs = 45;

/** A sample this late was taken on the way out of a native call. */
const lateAnswerMs = 30;

/** How long the end of a stall waits for what is on its way: a sample, a returning call's stack, a collection. */
const lastWordMs = 30;

/** A begin report waits until the stall has lasted this many thresholds, so that a short one gets one report with its duration. */
const reportAtThresholds = 1.4;

/** In its first so many milliseconds a program may be loading modules; a guess. */
const youngMs = 500;

/** A debugger's pause is told from a short wait when it was followed for so long. */
const leastParkedMs = 30;

/** On less of a CPU than this while samples are answered at once, the thread is parked in a debugger. */
const parkedShare = 0.1;

/** What the watch tells; `due` says whether the place may be written again. */
export interface StallObserver {
  opened(): void;
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean, captures: readonly Capture[]): void;
  closed(): void;
  /** The longest that the loop was seen not to turn, at a beat. */
  delayed(at: number, delayMs: number): void;
}

export class StallWatch {
  readonly #data: WatchingThreadData;
  readonly #book: PlaceBook;
  readonly #observer: StallObserver;
  readonly #epochOffsetMs = Date.now() - monotonicMs();
  readonly #cpu: CpuTimeReader;
  #inspector: Inspector | undefined;
  #heartbeat: IntervalHistogram | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #lastBeatAt = 0;
  #lastPollAt = 0;
  #startedAt = 0;
  #cpuAtPoll: CpuTime = { ranMs: Number.NaN, waitedMs: 0 };
  #cpuAtBeat: CpuTime = { ranMs: Number.NaN, waitedMs: 0 };
  #allowedAtBeatMs = 0;
  #stalls = 0;
  #stall: OpenStall | undefined;

  constructor(data: WatchingThreadData, book: PlaceBook, observer: StallObserver) {
    this.#data = data;
    this.#cpu = new CpuTimeReader(data.watchesMain);
    this.#book = book;
    this.#observer = observer;
  }

  /** Keeps the histogram: it is the heart, and stops where nothing refers to it. */
  async start(heartbeat: IntervalHistogram): Promise<void> {
    // Where there is no inspector, or no permission to use it, even the import may fail.
    if (this.#data.mayProbe) this.#inspector = await import("node:inspector");
    this.#heartbeat = heartbeat;
    this.#lastPollAt = this.#startedAt = monotonicMs();
    this.#beat(heartbeat.count, this.#lastPollAt);
    this.#schedule(this.#data.tickMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#heartbeat = undefined;
    this.#cpu.close();
  }

  /** The stall that is open and reported, as it is now. */
  running(): Stall | undefined {
    return this.#stall?.reported === true ? this.#describe(this.#stall, monotonicMs(), "read").stall : undefined;
  }

  /** Ends the open stall now, if there is one. */
  finish(): void {
    this.#poll();
    if (this.#stall) this.#close(this.#stall, this.#stall.endedAt ?? monotonicMs());
  }

  /** A marked call has returned. */
  returned(call: ReturnedCall): void {
    const stall = this.#stall;
    if (stall && call.at >= stall.startedAt) stall.returned.push(call);
  }

  collected(endedAt: number, durationMs: number): void {
    const stall = this.#stall;
    if (stall && endedAt > stall.startedAt && (stall.endedAt === undefined || endedAt - durationMs < stall.endedAt)) stall.collectedMs += durationMs;
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
    if (this.#stall && count === this.#beats) this.#stall.inCall = readMark(this.#data.marks) ?? this.#stall.inCall;
    if (count !== this.#beats) this.#beat(count, now);
    if (this.#stall) this.#follow(this.#stall, now);
    else if (now - this.#lastBeatAt >= this.#data.options.thresholdMs && this.#unexcusedMs(now) >= this.#data.options.thresholdMs) this.#open(now);
  }

  #beat(count: number, now: number): void {
    const delayMs = now - this.#lastBeatAt;
    if (this.#beats > 0) this.#observer.delayed(now + this.#epochOffsetMs, Math.max(0, delayMs - this.#data.tickMs));
    if (this.#stall) this.#stall.endedAt ??= now;
    else if (this.#beats > 0 && delayMs >= this.#data.options.thresholdMs + this.#data.tickMs) this.#starved(delayMs, now);
    this.#beats = count;
    this.#lastBeatAt = now;
    this.#cpuAtBeat = this.#cpu.read();
    this.#allowedAtBeatMs = allowedMs(this.#data.marks, now);
  }

  /** What this thread slept through, suspended with its process or without a CPU, is not the loop's fault. */
  #forgiveOwnLateness(now: number): void {
    const expectedMs = this.#stall ? stalledPollMs : this.#data.tickMs;
    const lateMs = now - this.#lastPollAt - expectedMs;
    const cpu = this.#cpu.read();
    // While this thread alone was kept waiting, the watched one ran, or its wait is counted as such.
    const aliveMs = cpu.ranMs - this.#cpuAtPoll.ranMs + (cpu.waitedMs - this.#cpuAtPoll.waitedMs) || 0;
    this.#cpuAtPoll = cpu;
    const sleptMs = lateMs - aliveMs;
    if (sleptMs > this.#data.tickMs) this.#lastBeatAt = Math.min(now, this.#lastBeatAt + sleptMs);
  }

  /** How long the loop has not turned, without what is excused. */
  #unexcusedMs(now: number): number {
    const waitedMs = this.#cpu.read().waitedMs - this.#cpuAtBeat.waitedMs;
    const allowed = allowedMs(this.#data.marks, now) - this.#allowedAtBeatMs;
    return now - this.#lastBeatAt - waitedMs - allowed;
  }

  /** A missed beat that was excused: worth an event where the CPU was the reason. */
  #starved(delayMs: number, now: number): void {
    const waitedMs = this.#cpu.read().waitedMs - this.#cpuAtBeat.waitedMs;
    if (waitedMs < delayMs / 2) return;
    const id = ++this.#stalls;
    const attributed = attribute({ captures: [], returned: [], late: false, probed: false, inCall: undefined, collectedMs: 0, durationMs: delayMs, starved: true });
    const { count, totalMs, due } = this.#book.enter(attributed, delayMs, true, false);
    const stall: Stall = { id, startedAt: Math.round(now - delayMs + this.#epochOffsetMs), durationMs: tenths(delayMs), ...attributed, call: undefined, count, totalMs };
    this.#observer.began(stall, false);
    this.#observer.ended(stall, due, []);
  }

  #open(now: number): void {
    const stall: OpenStall = {
      id: this.#stalls + 1,
      startedAt: this.#lastBeatAt,
      openedAt: now,
      captures: [],
      returned: [],
      cpuAtOpening: this.#cpu.read(),
      probe: this.#inspector && new Probe(this.#inspector),
      askedAt: undefined,
      waitedAtAskingMs: 0,
      answers: 0,
      pauseMs: firstSamplePauseMs,
      nextSampleAt: now,
      late: false,
      reported: false,
      endedAt: undefined,
      due: false,
      collectedMs: 0,
      inCall: readMark(this.#data.marks),
    };
    this.#stall = stall;
    Atomics.add(this.#data.marks.words, mark.stalls, 1);
    this.#observer.opened();
    this.#ask(stall, now);
  }

  #follow(stall: OpenStall, now: number): void {
    if (stall.endedAt !== undefined) {
      const awaited = stall.askedAt !== undefined || (stall.inCall !== undefined && stall.returned.length === 0) || stall.captures.length === 0 || stall.late;
      if (!awaited || now - stall.endedAt >= lastWordMs) this.#close(stall, stall.endedAt);
      return;
    }
    if (stall.askedAt === undefined && now >= stall.nextSampleAt && stall.captures.length < mostSamples) this.#ask(stall, now);
    if (!stall.reported && this.#mayReport(stall, now)) this.#report(stall, now);
  }

  #ask(stall: OpenStall, now: number): void {
    if (!stall.probe) return;
    stall.askedAt = now;
    stall.waitedAtAskingMs = this.#cpu.read().waitedMs;
    stall.probe.ask((capture) => this.#answered(stall, capture));
  }

  #answered(stall: OpenStall, capture: Capture): void {
    const late = this.#silentMs(stall, capture.at) > lateAnswerMs;
    stall.askedAt = undefined;
    stall.answers++;
    if (stall.captures.length >= firstSamples) stall.pauseMs = Math.min(longestSamplePauseMs, stall.pauseMs * 1.5);
    stall.nextSampleAt = monotonicMs() + stall.pauseMs;
    // A stack that was taken after the stall is somebody else's.
    if (stall.endedAt !== undefined && capture.at > stall.endedAt) return;
    if (!capture.frames.some(tells)) return;
    // A late answer counts only as long as there is no prompt one.
    if (stall.late && !late) stall.captures.length = 0;
    if (late && stall.captures.length > 0) return;
    stall.late = late;
    stall.captures.push(capture);
  }

  /** How long the sample that was asked for has not been answered, without what the watched thread waited for a CPU. */
  #silentMs(stall: OpenStall, now: number): number {
    return stall.askedAt === undefined ? 0 : now - stall.askedAt - (this.#cpu.read().waitedMs - stall.waitedAtAskingMs);
  }

  #mayReport(stall: OpenStall, now: number): boolean {
    if (now - stall.startedAt < this.#data.options.thresholdMs * reportAtThresholds) return false;
    if (this.#isParked(stall, now)) return false;
    if (stall.captures.length >= firstSamples) return true;
    return !stall.probe || this.#silentMs(stall, now) >= nativeAfterMs || now - stall.startedAt > this.#data.options.thresholdMs * 2;
  }

  /** In a debugger's pause the inspector answers at once, while the thread is on no CPU and in no marked call. */
  #isParked(stall: OpenStall, now: number): boolean {
    if (stall.answers === 0 || stall.late || stall.inCall || this.#silentMs(stall, now) >= nativeAfterMs) return false;
    const cpu = this.#cpu.read();
    const followedMs = now - stall.openedAt - (cpu.waitedMs - stall.cpuAtOpening.waitedMs);
    return followedMs >= leastParkedMs && cpu.ranMs - stall.cpuAtOpening.ranMs < followedMs * parkedShare;
  }

  #report(stall: OpenStall, now: number): void {
    if (now - stall.startedAt < this.#limitMs(stall, now)) return;
    stall.reported = true;
    this.#stalls = stall.id;
    const { stall: described, due } = this.#describe(stall, now, "begin");
    stall.due = due;
    this.#observer.began(described, due);
  }

  #close(stall: OpenStall, endedAt: number): void {
    this.#stall = undefined;
    stall.probe?.close();
    Atomics.sub(this.#data.marks.words, mark.stalls, 1);
    if (stall.reported || (endedAt - stall.startedAt >= this.#limitMs(stall, endedAt) && !this.#isParked(stall, endedAt))) {
      this.#stalls = stall.id;
      const { stall: described, due } = this.#describe(stall, endedAt, "end");
      if (!stall.reported) this.#observer.began(described, false);
      this.#observer.ended(described, due, stall.captures);
    }
    this.#observer.closed();
  }

  /** Without a stack, a young program may still be loading its modules. */
  #limitMs(stall: OpenStall, until: number): number {
    const { phase, place } = this.#attribute(stall, until);
    const unknown = this.#data.watchesMain && place === undefined && stall.startedAt - this.#startedAt < youngMs;
    return phase === "startup" || unknown ? this.#data.options.startupThresholdMs : this.#data.options.thresholdMs;
  }

  #attribute(stall: OpenStall, until: number) {
    const { captures, returned, late, inCall, collectedMs } = stall;
    const probed = stall.probe !== undefined;
    return attribute({ captures, returned, late, probed, inCall, collectedMs, durationMs: until - stall.startedAt, starved: false });
  }

  #describe(stall: OpenStall, until: number, event: "begin" | "end" | "read"): { stall: Stall; due: boolean } {
    const attributed = this.#attribute(stall, until);
    const durationMs = tenths(until - stall.startedAt);
    const call = attributed.call ?? (event === "end" ? undefined : stall.inCall && callText(stall.inCall));
    const what = { ...attributed, call };
    const { count, totalMs, due } = event === "read" ? this.#book.read(what, durationMs) : this.#book.enter(what, durationMs, event === "end", stall.due);
    return {
      stall: { id: stall.id, startedAt: Math.round(stall.startedAt + this.#epochOffsetMs), durationMs, ...attributed, call, count, totalMs },
      due,
    };
  }
}

/** Frames of Node's alone say nothing of the program. */
function tells({ file }: RawFrame): boolean {
  return originOf(pathOf(file)) !== "node";
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
