// One stall while it is open. Asks the thread for its stack, less and less often. Knows whether the stall is
// past the threshold, and what excuses it. stall-watch.ts decides when a stall begins, is reported and
// ends. place/attribute.ts computes the place from the samples.
import type { Capture, RawFrame, ReturnedCall, WatchingThreadData } from "../protocol/messages.js";
import {
  ENOUGH_SAMPLES, FIRST_SAMPLE_PAUSE_MS, FIRST_SAMPLES, LATE_SHARE, lateAnswerMs, LEAST_LOOKS, LONGEST_SAMPLE_PAUSE_MS, MOST_SAMPLES, nativeAfterMs, PARKED_SHARE, PAUSE_PER_FRAME_MS, reportAfterMs,
  reportAtLatestMs, SAMPLE_PAUSE_GROWTH, STARVED_SHARE_OF_STALL, YOUNG_MS,
} from "../protocol/timing.js";
import { attribute, isStartup, stacksOf, type Evidence } from "../place/attribute.js";
import { ShortCalls, type CallWatch } from "./call-watch.js";
import type { Excuses, Wait } from "./excuses.js";
import { originOf, pathOf } from "../place/frames.js";
import { withOriginalNames } from "../place/original-names.js";
import type { MarkedCall } from "../place/read-mark.js";
import { mayHaveLoaderMap, useLoaderMap } from "../place/source-maps.js";
import type { Probe, World } from "./world.js";

/** What an open stall needs of the stall watch. */
export interface StallSetting {
  readonly world: World;
  readonly excuses: Excuses;
  readonly calls: CallWatch;
  readonly data: WatchingThreadData;
  /** The time at which the watch began. */
  readonly watchedSince: number;
  /** Called when the stall counts from a later moment, as if the missed beat had come then. */
  countedFrom(now: number): void;
}

export class OpenStall {
  readonly id: number;
  /** The middle between the last beat and the missed one. All times here are monotonic. */
  startedAt: number;
  reported = false;
  /** Whether the report of the begin, and so that of the end, may be written. */
  due = false;
  /** The time at which the heart was seen to beat again. */
  endedAt: number | undefined;
  /** The part of the stall so far in which the thread was given no CPU, in milliseconds. */
  waitedMs = 0;
  /** The marked call that the last look found running. */
  inCall: MarkedCall | undefined;
  readonly #setting: StallSetting;
  readonly #thresholdMs: number;
  /** The time from the last beat to the missed one. */
  readonly #slackMs: number;
  #beatAt: number;
  /** The excused part of the stall, in milliseconds. */
  #excusedMs = 0;
  /** The duration of the garbage collections in the stall, in milliseconds. */
  #collectedMs = 0;
  /** The samples that were answered promptly. */
  #captures: Capture[] = [];
  /** The sample that came latest of those that were taken on the way out of a native call, too late to be exact, and how long all of these were late. */
  #lateCapture: { readonly capture: Capture; readonly ms: number } | undefined;
  #lateMs = 0;
  /** The marked calls that returned during the stall. */
  readonly #returned: ReturnedCall[] = [];
  /** The marked calls that were too short to be told of. */
  #shortCalls: ShortCalls;
  /** Looks at the thread between two samples: their number, how many found it asleep, and how many of the latest in a row found it awake. */
  #looks = 0;
  #asleep = 0;
  #awake = 0;
  readonly #probe: Probe | undefined;
  /** The time of the question that has not been answered yet, and the waits of the watched thread until then. */
  #askedAt: number | undefined;
  #waitAtAsking: Wait;
  /** The number of answers, with or without a frame of the program. */
  #answers = 0;
  #pauseMs = FIRST_SAMPLE_PAUSE_MS;
  #longestPauseMs = LONGEST_SAMPLE_PAUSE_MS;
  #nextSampleAt: number;

  /** @param beatAt the last beat; @param slackMs the time from there until the next beat was due */
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
    this.#shortCalls = new ShortCalls(setting.data.marks, now);
    this.#ask(now);
  }

  /** To be called at each poll. Looks at the thread, and asks for its stack if a sample is due. @param inCall the marked call that runs */
  follow(now: number, inCall: MarkedCall | undefined): void {
    this.inCall = inCall;
    if (this.#askedAt === undefined && this.#answers > 0) {
      // A question wakes a thread that is stopped in a debugger, so the thread is looked at between two questions.
      // A thread that sleeps in a marked call is held by the program, and at the exit it waits for the last report.
      this.#looks++;
      const asleep = inCall === undefined && !this.#setting.world.isExiting() && this.#setting.excuses.isAsleep();
      this.#awake = asleep ? 0 : this.#awake + 1;
      if (asleep) this.#asleep++;
      if (this.#awake === LEAST_LOOKS) this.#resumed(now);
    }
    if (this.#askedAt === undefined && now >= this.#nextSampleAt) this.#ask(now);
  }

  /** A marked call has returned. */
  returned(call: ReturnedCall): void {
    if (call.at >= this.#beatAt) this.#returned.push(call);
  }

  collected(endedAt: number, durationMs: number): void {
    if (endedAt > this.startedAt && (this.endedAt === undefined || endedAt - durationMs < this.endedAt)) this.#collectedMs += durationMs;
  }

  /** Excludes `ms` of suspension: the stall and the open question count as if they had begun later. */
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

  /** Whether a message about a stall that has ended is still on its way: a sample, or the stack of a call that returns. */
  get awaitsLastWord(): boolean {
    return this.#askedAt !== undefined || (this.#returned.length === 0 && this.heldIn(this.#setting.world.now()) !== undefined) || this.#captures.length === 0 || this.#lateCapture !== undefined;
  }

  /** The blocking function whose calls took most of the stall. */
  heldIn(until: number): MarkedCall | undefined {
    return this.#setting.calls.holding ?? this.#shortCalls.holding(until);
  }

  close(): void {
    this.#probe?.close();
  }

  /** Whether the stall is certainly past the threshold, and the samples are in or cannot come. */
  mayBeReported(now: number): boolean {
    if (!this.#isPast(now) || this.#isParked(now)) return false;
    const asked = !this.#probe || this.#captures.length >= FIRST_SAMPLES || this.#silentMs(now) >= nativeAfterMs(this.#thresholdMs) || now - this.startedAt >= reportAtLatestMs(this.#thresholdMs);
    return asked && this.#heldMs(now) >= this.#limitMs(now);
  }

  /** Whether a delay that has ended was a stall. */
  wasStall(endedAt: number): boolean {
    return this.#heldMs(endedAt) >= this.#limitMs(endedAt) && !this.#isParked(endedAt);
  }

  /** The place, kind and advice that are known so far. */
  attribute(until: number): ReturnType<typeof attribute> {
    return attribute(this.#evidence(until));
  }

  stacks(until: number): readonly (readonly RawFrame[])[] {
    return stacksOf(this.#evidence(until));
  }

  /** JavaScript continues after a pause in a debugger, in the same turn. The stall counts from here. */
  #resumed(now: number): void {
    if (this.reported || this.#asleep === 0 || this.#asleep < (this.#looks - this.#awake) * PARKED_SHARE) return;
    this.#countFrom(now);
  }

  #countFrom(now: number): void {
    this.#beatAt = this.startedAt = now;
    this.#looks = this.#asleep = this.#awake = 0;
    this.#captures.length = this.#returned.length = 0;
    this.#lateCapture = undefined;
    this.#lateMs = 0;
    this.#shortCalls = new ShortCalls(this.#setting.data.marks, now);
    this.#pauseMs = FIRST_SAMPLE_PAUSE_MS;
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
    const silentMs = this.#silentMs(capture.at);
    const late = silentMs > lateAnswerMs(this.#thresholdMs);
    const now = this.#setting.world.now();
    this.#askedAt = undefined;
    this.#answers++;
    if (this.#captures.length >= FIRST_SAMPLES) this.#pauseMs = Math.min(this.#longestPauseMs, this.#pauseMs * SAMPLE_PAUSE_GROWTH);
    this.#nextSampleAt = now + Math.max(this.#pauseMs, capture.frames.length * PAUSE_PER_FRAME_MS);
    // A stack that was taken after the stall belongs to other code.
    if (this.endedAt !== undefined && capture.at > this.endedAt) return;
    if (!capture.frames.some(tells)) return;
    if (!late && !isStartup(capture.frames) && this.#wasLoading()) this.#countFrom(now);
    if (late) this.#addLate(capture, silentMs);
    else this.#captures.push(capture);
    if (this.#captures.length > MOST_SAMPLES) this.#thinOut();
    for (const { file } of capture.frames) this.#askSourceMap(file);
  }

  #addLate(capture: Capture, ms: number): void {
    this.#lateMs += ms;
    if (ms > (this.#lateCapture?.ms ?? 0)) this.#lateCapture = { capture, ms };
  }

  #thinOut(): void {
    this.#captures = this.#captures.filter((_, index) => index % 2 === 0);
    this.#longestPauseMs *= 2;
  }

  /** Whether modules were loaded until now, for less than the start-up threshold. The code that continues in the same turn counts from here. */
  #wasLoading(): boolean {
    return !this.reported && this.#lateCapture === undefined && this.#captures.length > 0 && this.#captures.every(({ frames }) => isStartup(frames));
  }

  #askSourceMap(file: string): void {
    const path = pathOf(file);
    if (originOf(path) === "user" && mayHaveLoaderMap(path)) this.#probe?.askSourceMap(file, (json) => useLoaderMap(path, json));
  }

  /** How long the open question has had no answer, without the time in which the watched thread waited for a CPU. */
  #silentMs(now: number): number {
    return this.#askedAt === undefined ? 0 : now - this.#askedAt - this.#setting.excuses.waitedMs(now, this.#waitAtAsking);
  }

  #excuse(now: number): void {
    this.waitedMs = this.#setting.excuses.waitedMs(now);
    this.#excusedMs = this.#setting.excuses.excusedMs(now);
  }

  /** How long the stall held the loop, without the excused time. */
  #heldMs(until: number): number {
    return until - this.startedAt - this.#excusedMs;
  }

  /** Whether the stall is past the threshold even if it began with the missed beat, without the excused time. */
  #isPast(now: number): boolean {
    this.#excuse(now);
    return this.#heldMs(now) >= reportAfterMs(this.#thresholdMs, this.#slackMs);
  }

  /** Whether the thread is stopped in a debugger: it sleeps in no marked call, and yet answers at once. Also true while this cannot be known yet. */
  #isParked(now: number): boolean {
    if (this.#answers === 0 || this.#silentMs(now) >= nativeAfterMs(this.#thresholdMs)) return false;
    const untold = this.endedAt === undefined && this.#looks < LEAST_LOOKS && this.#asleep === this.#looks;
    return untold || (this.#asleep > 0 && this.#asleep >= this.#looks * PARKED_SHARE);
  }

  /** The threshold that applies. A young program without a stack may still be loading its modules. */
  #limitMs(until: number): number {
    const { phase, place } = this.attribute(until);
    const unknown = place === undefined && this.startedAt - this.#setting.watchedSince < YOUNG_MS;
    return phase === "startup" || unknown ? this.#setting.data.options.startupThresholdMs : this.#thresholdMs;
  }

  #evidence(until: number): Evidence {
    const durationMs = until - this.startedAt;
    // Prompt samples may show the code after the native call that had the thread before.
    // One call may allocate, and so collect; many late samples may be late because of many collections.
    const nativeMs = Math.max(this.#lateCapture?.ms ?? 0, this.#lateMs - this.#collectedMs);
    const late = this.#lateCapture !== undefined && (this.#captures.length < ENOUGH_SAMPLES || nativeMs >= (durationMs - this.waitedMs) * LATE_SHARE);
    return {
      captures: (late ? [this.#lateCapture!.capture] : this.#captures).map(withOriginalNames),
      returned: this.#returned.map(withOriginalNames),
      late,
      probed: this.#probe !== undefined,
      heldIn: this.heldIn(until),
      collectedMs: this.#collectedMs,
      durationMs,
      starved: this.waitedMs >= durationMs * STARVED_SHARE_OF_STALL,
    };
  }
}

/** Whether the frame says something about the program. Frames of Node do not. */
function tells({ file }: RawFrame): boolean {
  return originOf(pathOf(file)) !== "node";
}
