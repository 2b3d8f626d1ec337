// One stall while it is open: asks the thread for its stack, ever more seldom, and says whether it is past
// the threshold, what excuses it and what is known of its place. When it begins, is told and ends,
// stall-watch.ts decides; attribute.ts makes a place of what was gathered.
import type { Capture, RawFrame, ReturnedCall, WatchingThreadData } from "../protocol/messages.js";
import {
  enoughSamples, firstSamplePauseMs, firstSamples, lateAnswerMs, leastLooks, longestSamplePauseMs, mostSamples, nativeAfterMs, parkedShare, reportAfterMs,
  reportAtLatestMs, samplePauseGrowth, starvedShareOfStall, youngMs,
} from "../protocol/timing.js";
import { attribute, isStartup, stacksOf, type Evidence } from "../place/attribute.js";
import type { Excuses, Wait } from "./excuses.js";
import { originOf, pathOf } from "../place/frames.js";
import { type MarkedCall, readMark } from "../place/read-mark.js";
import { mayHaveLoaderMap, useLoaderMap } from "../place/source-maps.js";
import type { Probe, World } from "./world.js";

/** What a stall is open in. */
export interface StallSetting {
  readonly world: World;
  readonly excuses: Excuses;
  readonly data: WatchingThreadData;
  /** When the program began to be watched. */
  readonly watchedSince: number;
  /** The stall counts from another moment: as if the beat that did not come had come then. */
  countedFrom(now: number): void;
}

export class OpenStall {
  readonly id: number;
  /** In the middle between the last beat before it and the one that did not come. Monotonic, as all times here. */
  startedAt: number;
  reported = false;
  /** The begin may be written, and so may the end. */
  due = false;
  /** When the heart was seen to beat again. */
  endedAt: number | undefined;
  /** Milliseconds of it, as far as it goes, in which the thread was given no CPU. */
  waitedMs = 0;
  /** The blocking call that it was last seen in, by its mark. */
  inCall: MarkedCall | undefined;
  readonly #setting: StallSetting;
  readonly #thresholdMs: number;
  /** From the beat to the one that did not come. */
  readonly #slackMs: number;
  #beatAt: number;
  /** Milliseconds of it that the program meant or could not help. */
  #excusedMs = 0;
  /** Milliseconds of collections in it. */
  #collectedMs = 0;
  /** The prompt ones. */
  readonly #captures: Capture[] = [];
  /** The first sample that came out of a native call, too late to be trusted. */
  #lateCapture: Capture | undefined;
  /** Marked calls that returned in it. */
  readonly #returned: ReturnedCall[] = [];
  /** How often the thread was looked at between two samples, how often it slept then, and how often in a row it was awake at last. */
  #looks = 0;
  #asleep = 0;
  #awake = 0;
  readonly #probe: Probe | undefined;
  /** When the sample was asked for that has not been answered yet, and how long the watched thread had waited by then. */
  #askedAt: number | undefined;
  #waitAtAsking: Wait;
  /** Samples that were answered, with or without a stack that tells something. */
  #answers = 0;
  #pauseMs = firstSamplePauseMs;
  #nextSampleAt: number;

  /** @param beatAt the last beat before it; @param slackMs from there until the next was due */
  constructor(id: number, beatAt: number, slackMs: number, now: number, setting: StallSetting) {
    this.id = id;
    this.#setting = setting;
    this.#thresholdMs = setting.data.options.thresholdMs;
    this.#slackMs = slackMs;
    this.#beatAt = beatAt;
    this.startedAt = beatAt + slackMs / 2;
    this.#nextSampleAt = now;
    this.#probe = setting.world.openProbe();
    this.#waitAtAsking = setting.excuses.wait(now);
    this.inCall = readMark(setting.data.marks);
    this.#ask(now);
  }

  /** Looks at the thread, and asks for its stack where it is time to. */
  follow(now: number): void {
    if (this.#askedAt === undefined && this.#answers > 0) {
      // A question wakes a parked thread, so it is looked at between two.
      this.#looks++;
      const asleep = this.#setting.excuses.isAsleep();
      this.#awake = asleep ? 0 : this.#awake + 1;
      if (asleep) this.#asleep++;
      if (this.#awake === leastLooks) this.#resumed(now);
    }
    if (this.#askedAt === undefined && now >= this.#nextSampleAt && this.#captures.length < mostSamples) this.#ask(now);
  }

  /** A marked call has returned. */
  returned(call: ReturnedCall): void {
    if (call.at >= this.#beatAt) this.#returned.push(call);
  }

  collected(endedAt: number, durationMs: number): void {
    if (endedAt > this.startedAt && (this.endedAt === undefined || endedAt - durationMs < this.endedAt)) this.#collectedMs += durationMs;
  }

  /** The time from the beat was not the loop's: as if all of it had happened later. Nobody could answer meanwhile. */
  postpone(ms: number, now: number): void {
    this.#beatAt += ms;
    this.startedAt += ms;
    if (this.#askedAt !== undefined) this.#askedAt = Math.min(now, this.#askedAt + ms);
  }

  /** The heart beats again. A second call does nothing. */
  end(now: number): void {
    if (this.endedAt !== undefined) return;
    this.endedAt = now;
    this.#excuse(now);
  }

  /** Whether something is on its way that belongs to a stall that has ended: a sample, a returning call's stack. */
  get awaitsLastWord(): boolean {
    return this.#askedAt !== undefined || (this.inCall !== undefined && this.#returned.length === 0) || this.#captures.length === 0 || this.#lateCapture !== undefined;
  }

  close(): void {
    this.#probe?.close();
  }

  /** Past the threshold for certain, with the samples that there may be. */
  mayBeReported(now: number): boolean {
    if (!this.#isPast(now) || this.#isParked(now)) return false;
    const asked = !this.#probe || this.#captures.length >= firstSamples || this.#silentMs(now) >= nativeAfterMs(this.#thresholdMs) || now - this.startedAt >= reportAtLatestMs(this.#thresholdMs);
    return asked && this.#heldMs(now) >= this.#limitMs(now);
  }

  /** Whether it was one, now that it has ended. */
  wasStall(endedAt: number): boolean {
    return this.#heldMs(endedAt) >= this.#limitMs(endedAt) && !this.#isParked(endedAt);
  }

  /** What is known of its place. */
  attribute(until: number): ReturnType<typeof attribute> {
    return attribute(this.#evidence(until));
  }

  stacks(until: number): readonly (readonly RawFrame[])[] {
    return stacksOf(this.#evidence(until));
  }

  /** Script runs on after a pause in a debugger, in the same turn: what it takes counts from here. */
  #resumed(now: number): void {
    if (this.reported || this.#asleep === 0 || this.#asleep < (this.#looks - this.#awake) * parkedShare) return;
    this.#countFrom(now);
  }

  #countFrom(now: number): void {
    this.#beatAt = this.startedAt = now;
    this.#looks = this.#asleep = this.#awake = 0;
    this.#captures.length = this.#returned.length = 0;
    this.#lateCapture = undefined;
    this.#pauseMs = firstSamplePauseMs;
    this.#nextSampleAt = now;
    this.#setting.countedFrom(now);
  }

  #ask(now: number): void {
    if (!this.#probe) return;
    this.#askedAt = now;
    this.#waitAtAsking = this.#setting.excuses.wait(now);
    this.#probe.ask((capture) => this.#answered(capture));
  }

  #answered(capture: Capture): void {
    const late = this.#silentMs(capture.at) > lateAnswerMs(this.#thresholdMs);
    const now = this.#setting.world.now();
    this.#askedAt = undefined;
    this.#answers++;
    if (this.#captures.length >= firstSamples) this.#pauseMs = Math.min(longestSamplePauseMs, this.#pauseMs * samplePauseGrowth);
    this.#nextSampleAt = now + this.#pauseMs;
    // A stack that was taken after the stall is somebody else's.
    if (this.endedAt !== undefined && capture.at > this.endedAt) return;
    if (!capture.frames.some(tells)) return;
    if (!late && !isStartup(capture.frames) && this.#wasLoading()) this.#countFrom(now);
    if (late) this.#lateCapture ??= capture;
    else this.#captures.push(capture);
    for (const { file } of capture.frames) this.#askSourceMap(file);
  }

  /** Modules were loaded, in less than start-up may take, until a moment ago: what runs on in the same turn counts from there. */
  #wasLoading(): boolean {
    return !this.reported && this.#lateCapture === undefined && this.#captures.length > 0 && this.#captures.every(({ frames }) => isStartup(frames));
  }

  #askSourceMap(file: string): void {
    const path = pathOf(file);
    if (originOf(path) === "user" && mayHaveLoaderMap(path)) this.#probe?.askSourceMap(file, (json) => useLoaderMap(path, json));
  }

  /** How long the sample that was asked for has not been answered, without what the watched thread waited for a CPU. */
  #silentMs(now: number): number {
    return this.#askedAt === undefined ? 0 : now - this.#askedAt - this.#setting.excuses.waitedMs(now, this.#waitAtAsking);
  }

  #excuse(now: number): void {
    this.waitedMs = this.#setting.excuses.waitedMs(now);
    this.#excusedMs = this.#setting.excuses.excusedMs(now);
  }

  /** For how long it held the loop, without what excuses it. */
  #heldMs(until: number): number {
    return until - this.startedAt - this.#excusedMs;
  }

  /** Past the threshold, had it begun with the beat that did not come, and without what is excused. */
  #isPast(now: number): boolean {
    this.#excuse(now);
    return this.#heldMs(now) >= reportAfterMs(this.#thresholdMs, this.#slackMs);
  }

  /** In a debugger's pause the inspector answers at once, while the thread sleeps, in no marked call. True also while that cannot be told yet. */
  #isParked(now: number): boolean {
    if (this.#answers === 0 || this.inCall || this.#silentMs(now) >= nativeAfterMs(this.#thresholdMs)) return false;
    const untold = this.endedAt === undefined && this.#looks < leastLooks && this.#asleep === this.#looks;
    return untold || (this.#asleep > 0 && this.#asleep >= this.#looks * parkedShare);
  }

  /** Without a stack, a young program may still be loading its modules. */
  #limitMs(until: number): number {
    const { phase, place } = this.attribute(until);
    const unknown = place === undefined && this.startedAt - this.#setting.watchedSince < youngMs;
    return phase === "startup" || unknown ? this.#setting.data.options.startupThresholdMs : this.#thresholdMs;
  }

  #evidence(until: number): Evidence {
    // A few prompt samples may be of what came after the native call that had the thread before.
    const late = this.#lateCapture !== undefined && this.#captures.length < enoughSamples;
    const durationMs = until - this.startedAt;
    return {
      captures: late ? [this.#lateCapture!] : this.#captures,
      returned: this.#returned,
      late,
      probed: this.#probe !== undefined,
      inCall: this.inCall,
      collectedMs: this.#collectedMs,
      durationMs,
      starved: this.waitedMs >= durationMs * starvedShareOfStall,
    };
  }
}

/** Frames of Node's alone say nothing of the program. */
function tells({ file }: RawFrame): boolean {
  return originOf(pathOf(file)) !== "node";
}
