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
// threshold after it has if it began with the earlier one. What excuses a missed beat is in excuses.ts, how
// a stall is sampled and judged in open-stall.ts.
import { mark } from "../protocol/marks.js";
import type { RawFrame, ReturnedCall, WatchingThreadData } from "../protocol/messages.js";
import type { Stall } from "../protocol/stall.js";
import { askAfterMs, duePollMs, lastWordMs, pollAheadMs, restSlackMs, stalledPollMs, starvedShareOfDelay } from "../protocol/timing.js";
import { attribute } from "../place/attribute.js";
import { Excuses } from "./excuses.js";
import { OpenStall } from "./open-stall.js";
import type { PlaceBook } from "../place/place-book.js";
import { callText, readMark } from "../place/read-mark.js";
import { Rest } from "./rest.js";
import type { World } from "./world.js";

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
    this.#restSlackMs = restSlackMs(data.options.thresholdMs, data.tickMs);
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
    this.#countFrom(now);
  }

  /** A marked call has returned. */
  returned(call: ReturnedCall): void {
    this.#stall?.returned(call);
  }

  collected(endedAt: number, durationMs: number): void {
    this.#stall?.collected(endedAt, durationMs);
  }

  /** As if the beat that did not come had come now. */
  #countFrom(now: number): void {
    this.#lastBeatAt = now;
    this.#excuses.beat(now);
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
    if (this.#stall) return stalledPollMs(this.#data.tickMs);
    if (this.#due) return duePollMs;
    return (this.#rest.isResting ? this.#restSlackMs : this.#data.tickMs) - pollAheadMs;
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
    const leastMs = askAfterMs(this.#data.options.thresholdMs);
    return now - this.#lastBeatAt >= leastMs && now - this.#lastBeatAt - this.#excuses.excusedMs(now) >= leastMs;
  }

  #beat(count: number, now: number): void {
    const delayMs = now - this.#lastBeatAt;
    if (this.#beats > 0) this.#observer.delayed(now + this.#epochOffsetMs, Math.max(0, delayMs - this.#slackMs));
    if (this.#stall) this.#stall.end(now);
    else if (this.#beats > 0 && delayMs >= this.#data.options.thresholdMs + this.#slackMs) this.#starved(delayMs, now, this.#excuses.waitedMs(now));
    this.#beats = count;
    this.#lastBeatAt = now;
    this.#slackMs = this.#rest.isResting ? this.#restSlackMs : this.#data.tickMs;
    this.#excuses.beat(now);
  }

  /** What this thread slept through, suspended with its process or without a CPU, is not the loop's fault. */
  #forgiveOwnLateness(now: number): void {
    const sleptMs = this.#excuses.sleptMs(now, now - this.#lastPollAt - this.#pauseMs());
    if (sleptMs <= this.#data.tickMs) return;
    this.#lastBeatAt = Math.min(now, this.#lastBeatAt + sleptMs);
    if (this.#stall?.endedAt === undefined) this.#stall?.postpone(sleptMs, now);
  }

  /** A missed beat that was excused: worth an event where the CPU was the reason. */
  #starved(delayMs: number, now: number, waitedMs: number): void {
    if (waitedMs < delayMs * starvedShareOfDelay) return;
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
    Atomics.add(this.#data.marks.words, mark.stalls, 1);
    const setting = { world: this.#world, excuses: this.#excuses, data: this.#data, watchedSince: this.#startedAt, countedFrom: (then: number) => this.#countFrom(then) };
    this.#stall = new OpenStall(this.#stalls + 1, this.#lastBeatAt, this.#slackMs, now, setting);
  }

  #follow(stall: OpenStall, now: number): void {
    if (stall.endedAt !== undefined) {
      if (!stall.awaitsLastWord || now - stall.endedAt >= lastWordMs) this.#close(stall, stall.endedAt);
      return;
    }
    stall.follow(now);
    if (!stall.reported && stall.mayBeReported(now)) this.#report(stall, now);
  }

  #report(stall: OpenStall, now: number): void {
    stall.reported = true;
    this.#stalls = stall.id;
    const { stall: described, due } = this.#describe(stall, now, "begin");
    stall.due = due;
    this.#observer.began(described, due);
  }

  #close(stall: OpenStall, endedAt: number): void {
    stall.end(endedAt);
    this.#stall = undefined;
    stall.close();
    Atomics.sub(this.#data.marks.words, mark.stalls, 1);
    const lastedMs = endedAt - stall.startedAt;
    if (stall.reported || stall.wasStall(endedAt)) {
      this.#stalls = stall.id;
      const { stall: described, due } = this.#describe(stall, endedAt, "end");
      if (!stall.reported) this.#observer.began(described, false);
      this.#observer.ended(described, due, stall.stacks(endedAt));
    } else if (lastedMs >= this.#data.options.thresholdMs) {
      this.#starved(lastedMs, endedAt, stall.waitedMs);
    }
    this.#observer.closed();
  }

  #describe(stall: OpenStall, until: number, event: "begin" | "end" | "read"): { stall: Stall; due: boolean } {
    const attributed = stall.attribute(until);
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

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
