// Watches the heartbeat and follows each stall from the missed beat to the next one.
//
//   state      leaves it when                                        and then
//   turning    no beat for most of the threshold, and no excuse      → stalled: ask for the stack
//   stalled    past the threshold for certain, and samples are in,
//              or native code lets none in                           → reported: begin event
//   reported   —                                                       sampling goes on, slower and slower
//   stalled, reported   the heart beats again                        → turning: end event
//
// A stall begins somewhere between two beats, so it is taken to begin in the middle: it is reported when
// it has lasted for the threshold even if it began with the later one, which is a quarter of the
// threshold after it has if it began with the earlier one. What excuses a missed beat is in excuses.ts.
import { mark } from "../marks.js";
import type { Capture, RawFrame, ReturnedCall, WatchingThreadData } from "../protocol.js";
import type { Stall } from "../stall.js";
import { attribute, isStartup, stacksOf, type Evidence } from "./attribute.js";
import { Excuses } from "./excuses.js";
import { originOf, pathOf } from "./frames.js";
import type { OpenStall } from "./open-stall.js";
import type { PlaceBook } from "./place-book.js";
import { Rest } from "./rest.js";
import type { World } from "./world.js";
import { mayHaveLoaderMap, useLoaderMap } from "./source-maps.js";
import { callText, readMark } from "./read-mark.js";

/** While a stall lasts, the thread looks for its end this often; twice a tick where ticks are short. */
const stalledPollMs = 5;

/** A beat that is due is looked for this often: how exactly the time of a beat is known. */
const duePollMs = 3;

/** Polls come this much faster than beats, so that now and then one comes too early and finds the time of the beat again. */
const aheadMs = 1;

/** While the heart rests, the thread looks as seldom as a report within one and a half thresholds allows: half of one, less what the polls of a stall take. */
const restSlackThresholds = 0.5;
const restSpareMs = 14;

/** The stack is asked for when the loop has not turned for this share of the threshold: the report needs only be written when it is over. */
const askAtThresholds = 0.8;

/** A report waits no longer than this for the samples that are missing. */
const latestReportThresholds = 1.25;

/** Samples at the beginning of a stall come fast (one a poll at most), for an early report; the pause then grows by half each time. */
const firstSamples = 4;
const firstSamplePauseMs = 1;
const longestSamplePauseMs = 250;

/** So many prompt samples outweigh one that was late. */
const enoughSamples = 3;

/** More samples than this say nothing new, and would fill the memory in a stall that never ends. */
const mostSamples = 500;

/** No answer for this long, or this share of the threshold, means that native code has the thread: the report cannot wait for it. */
const nativeAfterMs = 45;
const nativeAfterThresholds = 0.3;

/** A sample this late was taken on the way out of a native call; the least that tells one from a slow answer is a guess. */
const lateAnswerMs = 30;
const leastLateAnswerMs = 10;

/** How long the end of a stall waits for what is on its way: a sample, a returning call's stack, a collection. */
const lastWordMs = 30;

/** In its first so many milliseconds a program may be loading modules; a guess. */
const youngMs = 500;

/** Asleep at this share of the looks while samples are answered at once, the thread is parked in a debugger; script never sleeps. */
const parkedShare = 0.3;

/** Fewer looks than this do not tell, unless it was awake at one. */
const leastLooks = 3;

/** A delay below the threshold but for the time without a CPU is the machine's where that was this share; a stall, that is past it even so, where it was nearly all. */
const starvedShare = 0.5;
const starvedStallShare = 0.75;

/** What the watch tells; `due` says whether the place may be written again. */
export interface StallObserver {
  opened(): void;
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean, stacks: readonly (readonly RawFrame[])[]): void;
  closed(): void;
  /** The longest that the loop was seen not to turn, at a beat. */
  delayed(at: number, delayMs: number): void;
}

export class StallWatch {
  readonly #data: WatchingThreadData;
  readonly #book: PlaceBook;
  readonly #observer: StallObserver;
  readonly #world: World;
  readonly #epochOffsetMs: number;
  readonly #excuses: Excuses;
  readonly #rest: Rest;
  readonly #restSlackMs: number;
  #heartbeat: { readonly count: number } | undefined;
  #cancelPoll: () => void = () => undefined;
  #beats = 0;
  /** The last poll found no new beat. */
  #due = false;
  #lastBeatAt = 0;
  /** How long after the last beat a stall may have begun: until the next beat, or look, is due. */
  #slackMs: number;
  #lastPollAt = 0;
  #startedAt = 0;
  #stalls = 0;
  #stall: OpenStall | undefined;

  constructor(data: WatchingThreadData, world: World, book: PlaceBook, observer: StallObserver) {
    this.#data = data;
    this.#world = world;
    this.#epochOffsetMs = Date.now() - world.now();
    this.#excuses = new Excuses(data.marks, world.cpu, world.now());
    this.#rest = new Rest(world, data.marks);
    this.#restSlackMs = Math.max(data.tickMs, data.options.thresholdMs * restSlackThresholds - restSpareMs);
    this.#slackMs = data.tickMs;
    this.#book = book;
    this.#observer = observer;
  }

  /** Keeps the histogram: it is the heart, and stops where nothing refers to it. */
  start(heartbeat: { readonly count: number }): void {
    this.#heartbeat = heartbeat;
    this.#lastPollAt = this.#startedAt = this.#world.now();
    this.#beat(heartbeat.count, this.#lastPollAt);
    this.#schedule();
  }

  /** A second call does nothing. */
  stop(): void {
    if (!this.#heartbeat) return;
    this.#cancelPoll();
    this.#heartbeat = undefined;
    this.#excuses.close();
    this.#world.loopWaits.close();
  }

  /** The stall that is open and reported, as it is now. */
  running(): Stall | undefined {
    return this.#stall?.reported === true ? this.#describe(this.#stall, this.#world.now(), "read").stall : undefined;
  }

  /** Ends the open stall now, if there is one. */
  finish(): void {
    this.#poll();
    const stall = this.#stall;
    if (!stall) return;
    const now = this.#world.now();
    const turned = stall.endedAt !== undefined;
    this.#close(stall, stall.endedAt ?? now);
    if (turned) return;
    // What has been told is not to be told again: the rest, until the next beat, counts from here.
    this.#observer.delayed(now + this.#epochOffsetMs, Math.max(0, now - this.#lastBeatAt - this.#slackMs));
    this.#lastBeatAt = now;
    this.#excuses.beat(now);
  }

  /** A marked call has returned. */
  returned(call: ReturnedCall): void {
    const stall = this.#stall;
    if (stall && call.at >= stall.beatAt) stall.returned.push(call);
  }

  collected(endedAt: number, durationMs: number): void {
    const stall = this.#stall;
    if (stall && endedAt > stall.startedAt && (stall.endedAt === undefined || endedAt - durationMs < stall.endedAt)) stall.collectedMs += durationMs;
  }

  #schedule(): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#world.after(this.#pauseMs(), () => {
      this.#poll();
      if (this.#heartbeat) this.#schedule();
    });
  }

  /** Until the next poll. */
  #pauseMs(): number {
    if (this.#stall) return Math.min(stalledPollMs, this.#data.tickMs / 2);
    if (this.#due) return duePollMs;
    return (this.#rest.isResting ? this.#restSlackMs : this.#data.tickMs) - aheadMs;
  }

  #poll(): void {
    if (!this.#heartbeat) return;
    if (this.#world.isExiting() && !this.#stall) return this.stop();
    const now = this.#world.now();
    this.#forgiveOwnLateness(now);
    this.#lastPollAt = now;
    const { count } = this.#heartbeat;
    this.#due = !this.#rest.turns(count !== this.#beats, now);
    if (this.#stall && this.#due) this.#stall.inCall = readMark(this.#data.marks) ?? this.#stall.inCall;
    if (this.#due) this.#excuses.due();
    else this.#beat(count, now);
    if (this.#stall) this.#follow(this.#stall, now);
    else if (this.#isMissing(now)) this.#open(now);
  }

  /** No beat for most of the threshold, and no excuse. */
  #isMissing(now: number): boolean {
    const askAfterMs = this.#data.options.thresholdMs * askAtThresholds;
    return now - this.#lastBeatAt >= askAfterMs && now - this.#lastBeatAt - this.#excusedMs(now) >= askAfterMs;
  }

  #beat(count: number, now: number): void {
    const delayMs = now - this.#lastBeatAt;
    if (this.#beats > 0) this.#observer.delayed(now + this.#epochOffsetMs, Math.max(0, delayMs - this.#slackMs));
    if (this.#stall) this.#end(this.#stall, now);
    else if (this.#beats > 0 && delayMs >= this.#data.options.thresholdMs + this.#slackMs) this.#starved(delayMs, now, this.#excuses.waitedMs(now));
    this.#beats = count;
    this.#lastBeatAt = now;
    this.#slackMs = this.#rest.isResting ? this.#restSlackMs : this.#data.tickMs;
    this.#excuses.beat(now);
  }

  #end(stall: OpenStall, now: number): void {
    if (stall.endedAt !== undefined) return;
    stall.endedAt = now;
    stall.excusedMs = this.#excusedMs(now);
    stall.waitedMs = this.#excuses.waitedMs(now);
  }

  /** What this thread slept through, suspended with its process or without a CPU, is not the loop's fault. */
  #forgiveOwnLateness(now: number): void {
    const sleptMs = this.#excuses.sleptMs(now, now - this.#lastPollAt - this.#pauseMs());
    if (sleptMs <= this.#data.tickMs) return;
    this.#lastBeatAt = Math.min(now, this.#lastBeatAt + sleptMs);
    const stall = this.#stall;
    if (!stall || stall.endedAt !== undefined) return;
    // As if all of it had happened later; nobody could answer meanwhile.
    stall.beatAt += sleptMs;
    stall.startedAt += sleptMs;
    stall.openedAt = Math.min(now, stall.openedAt + sleptMs);
    if (stall.askedAt !== undefined) stall.askedAt = Math.min(now, stall.askedAt + sleptMs);
  }

  /** Of the time since the beat: what the program meant, or could not help. */
  #excusedMs(now: number): number {
    return this.#excuses.waitedMs(now) + this.#excuses.allowedMs(now);
  }

  /** A missed beat that was excused: worth an event where the CPU was the reason. */
  #starved(delayMs: number, now: number, waitedMs: number): void {
    if (waitedMs < delayMs * starvedShare) return;
    const id = ++this.#stalls;
    const attributed = attribute({ captures: [], returned: [], late: false, probed: false, inCall: undefined, collectedMs: 0, durationMs: delayMs, starved: true });
    const { count, totalMs, due } = this.#book.enter(attributed, delayMs, true, false);
    const stall: Stall = { id, startedAt: Math.round(now - delayMs + this.#epochOffsetMs), durationMs: tenths(delayMs), ...attributed, call: undefined, count, totalMs };
    this.#observer.began(stall, false);
    this.#observer.ended(stall, due, []);
  }

  #open(now: number): void {
    this.#observer.opened();
    if (this.#world.isExiting()) return this.#observer.closed();
    const stall: OpenStall = {
      id: this.#stalls + 1,
      beatAt: this.#lastBeatAt,
      startedAt: this.#lastBeatAt + this.#slackMs / 2,
      slackMs: this.#slackMs,
      openedAt: now,
      captures: [],
      returned: [],
      looks: 0,
      asleep: 0,
      awake: 0,
      probe: this.#world.openProbe(),
      askedAt: undefined,
      waitAtAsking: this.#excuses.wait(now),
      answers: 0,
      pauseMs: firstSamplePauseMs,
      nextSampleAt: now,
      lateCapture: undefined,
      reported: false,
      endedAt: undefined,
      excusedMs: 0,
      waitedMs: 0,
      due: false,
      collectedMs: 0,
      inCall: readMark(this.#data.marks),
    };
    this.#stall = stall;
    Atomics.add(this.#data.marks.words, mark.stalls, 1);
    this.#ask(stall, now);
  }

  #follow(stall: OpenStall, now: number): void {
    if (stall.endedAt !== undefined) {
      const awaited = stall.askedAt !== undefined || (stall.inCall !== undefined && stall.returned.length === 0) || stall.captures.length === 0 || stall.lateCapture !== undefined;
      if (!awaited || now - stall.endedAt >= lastWordMs) this.#close(stall, stall.endedAt);
      return;
    }
    if (stall.askedAt === undefined && stall.answers > 0) {
      // A question wakes a parked thread, so it is looked at between two.
      stall.looks++;
      const asleep = this.#excuses.isAsleep();
      stall.awake = asleep ? 0 : stall.awake + 1;
      if (asleep) stall.asleep++;
      if (stall.awake === leastLooks) this.#resumed(stall, now);
    }
    if (stall.askedAt === undefined && now >= stall.nextSampleAt && stall.captures.length < mostSamples) this.#ask(stall, now);
    if (!stall.reported && this.#mayReport(stall, now)) this.#report(stall, now);
  }

  /** Script runs on after a pause in a debugger, in the same turn: what it takes counts from here. */
  #resumed(stall: OpenStall, now: number): void {
    if (stall.reported || stall.asleep === 0 || stall.asleep < (stall.looks - stall.awake) * parkedShare) return;
    this.#countFrom(stall, now);
  }

  /** As if the beat that did not come had come now. */
  #countFrom(stall: OpenStall, now: number): void {
    stall.beatAt = stall.startedAt = stall.openedAt = this.#lastBeatAt = now;
    stall.looks = stall.asleep = stall.awake = 0;
    stall.captures.length = stall.returned.length = 0;
    stall.lateCapture = undefined;
    stall.pauseMs = firstSamplePauseMs;
    stall.nextSampleAt = now;
    this.#excuses.beat(now);
  }

  #ask(stall: OpenStall, now: number): void {
    if (!stall.probe) return;
    stall.askedAt = now;
    stall.waitAtAsking = this.#excuses.wait(now);
    stall.probe.ask((capture) => this.#answered(stall, capture));
  }

  #answered(stall: OpenStall, capture: Capture): void {
    const late = this.#silentMs(stall, capture.at) > this.#lateAnswerMs;
    stall.askedAt = undefined;
    stall.answers++;
    if (stall.captures.length >= firstSamples) stall.pauseMs = Math.min(longestSamplePauseMs, stall.pauseMs * 1.5);
    stall.nextSampleAt = this.#world.now() + stall.pauseMs;
    // A stack that was taken after the stall is somebody else's.
    if (stall.endedAt !== undefined && capture.at > stall.endedAt) return;
    if (!capture.frames.some(tells)) return;
    if (!late && !isStartup(capture.frames) && this.#wasLoading(stall)) this.#countFrom(stall, this.#world.now());
    if (late) stall.lateCapture ??= capture;
    else stall.captures.push(capture);
    for (const { file } of capture.frames) this.#askSourceMap(stall, file);
  }

  /** Modules were loaded, in less than start-up may take, until a moment ago: what runs on in the same turn counts from there. */
  #wasLoading({ reported, captures, lateCapture }: OpenStall): boolean {
    return !reported && lateCapture === undefined && captures.length > 0 && captures.every(({ frames }) => isStartup(frames));
  }

  #askSourceMap(stall: OpenStall, file: string): void {
    const path = pathOf(file);
    if (originOf(path) === "user" && mayHaveLoaderMap(path)) stall.probe?.askSourceMap(file, (json) => useLoaderMap(path, json));
  }

  /** How long the sample that was asked for has not been answered, without what the watched thread waited for a CPU. */
  #silentMs(stall: OpenStall, now: number): number {
    return stall.askedAt === undefined ? 0 : now - stall.askedAt - this.#excuses.waitedMs(now, stall.waitAtAsking);
  }

  get #lateAnswerMs(): number {
    return Math.min(lateAnswerMs, Math.max(leastLateAnswerMs, this.#data.options.thresholdMs * nativeAfterThresholds));
  }

  get #nativeAfterMs(): number {
    return Math.min(nativeAfterMs, this.#data.options.thresholdMs * nativeAfterThresholds);
  }

  #mayReport(stall: OpenStall, now: number): boolean {
    const { thresholdMs } = this.#data.options;
    if (!this.#isPast(stall, now) || this.#isParked(stall, now)) return false;
    if (!stall.probe || stall.captures.length >= firstSamples || this.#silentMs(stall, now) >= this.#nativeAfterMs) return true;
    return now - stall.startedAt >= thresholdMs * latestReportThresholds;
  }

  /** Past the threshold, had it begun with the beat that did not come, and without what is excused. */
  #isPast(stall: OpenStall, now: number): boolean {
    stall.excusedMs = this.#excusedMs(now);
    stall.waitedMs = this.#excuses.waitedMs(now);
    return now - stall.startedAt - stall.excusedMs >= this.#data.options.thresholdMs + stall.slackMs / 2;
  }

  /** In a debugger's pause the inspector answers at once, while the thread sleeps, in no marked call. True also while that cannot be told yet. */
  #isParked(stall: OpenStall, now: number): boolean {
    if (stall.answers === 0 || stall.inCall || this.#silentMs(stall, now) >= this.#nativeAfterMs) return false;
    const untold = stall.endedAt === undefined && stall.looks < leastLooks && stall.asleep === stall.looks;
    return untold || (stall.asleep > 0 && stall.asleep >= stall.looks * parkedShare);
  }

  #report(stall: OpenStall, now: number): void {
    if (now - stall.startedAt - stall.excusedMs < this.#limitMs(stall, now)) return;
    stall.reported = true;
    this.#stalls = stall.id;
    const { stall: described, due } = this.#describe(stall, now, "begin");
    stall.due = due;
    this.#observer.began(described, due);
  }

  #close(stall: OpenStall, endedAt: number): void {
    this.#end(stall, endedAt);
    this.#stall = undefined;
    stall.probe?.close();
    Atomics.sub(this.#data.marks.words, mark.stalls, 1);
    const heldMs = endedAt - stall.startedAt;
    if (stall.reported || (heldMs - stall.excusedMs >= this.#limitMs(stall, endedAt) && !this.#isParked(stall, endedAt))) {
      this.#stalls = stall.id;
      const { stall: described, due } = this.#describe(stall, endedAt, "end");
      if (!stall.reported) this.#observer.began(described, false);
      this.#observer.ended(described, due, stacksOf(this.#evidence(stall, endedAt)));
    } else if (heldMs >= this.#data.options.thresholdMs) {
      this.#starved(heldMs, endedAt, stall.waitedMs);
    }
    this.#observer.closed();
  }

  /** Without a stack, a young program may still be loading its modules. */
  #limitMs(stall: OpenStall, until: number): number {
    const { phase, place } = this.#attribute(stall, until);
    const unknown = place === undefined && stall.startedAt - this.#startedAt < youngMs;
    return phase === "startup" || unknown ? this.#data.options.startupThresholdMs : this.#data.options.thresholdMs;
  }

  #attribute(stall: OpenStall, until: number) {
    return attribute(this.#evidence(stall, until));
  }

  #evidence(stall: OpenStall, until: number): Evidence {
    const { lateCapture, returned, inCall, collectedMs } = stall;
    // A few prompt samples may be of what came after the native call that had the thread before.
    const late = lateCapture !== undefined && stall.captures.length < enoughSamples;
    const captures = late ? [lateCapture] : stall.captures;
    const probed = stall.probe !== undefined;
    const durationMs = until - stall.startedAt;
    return { captures, returned, late, probed, inCall, collectedMs, durationMs, starved: stall.waitedMs >= durationMs * starvedStallShare };
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
