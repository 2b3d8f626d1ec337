// Watches the heartbeat, and follows each stall from the missed beat to the next beat.
//
//   state               is left when                                       next state
//   turning             no beat for 4/5 of the threshold, and no excuse    stalled: ask for the stack
//   stalled             certainly past the threshold, and the samples
//                       are in, or native code prevents them               reported: begin event
//   reported            (sampling continues, less and less often)
//   stalled, reported   the heart beats again                              turning: end event
//
// protocol/timing.ts draws these times on one axis. excuses.ts computes what excuses a missed beat.
// open-stall.ts takes the samples of a stall and judges it.
import { mark } from "../protocol/marks.js";
import type { RawFrame, ReturnedCall, WatchingThreadData } from "../protocol/messages.js";
import type { Stall } from "../protocol/stall.js";
import { askAfterMs, DUE_POLL_MS, LAST_WORD_MS, POLL_AHEAD_MS, restSlackMs, stalledPollMs, STARVED_SHARE_OF_DELAY } from "../protocol/timing.js";
import { attribute } from "../place/attribute.js";
import { Excuses } from "./excuses.js";
import { OpenStall } from "./open-stall.js";
import type { PlaceBook } from "../place/place-book.js";
import { CallWatch } from "./call-watch.js";
import { callText, type MarkedCall } from "../place/read-mark.js";
import { Rest } from "./rest.js";
import type { World } from "./world.js";

/** The events of the watch. `due` says whether a report of this place may be written again. */
export interface StallObserver {
  opened(): void;
  began(stall: Stall, due: boolean): void;
  ended(stall: Stall, due: boolean, stacks: readonly (readonly RawFrame[])[]): void;
  closed(): void;
  /** At each beat: how long the loop did not turn. */
  delayed(at: number, delayMs: number): void;
}

export class StallWatch {
  readonly #data: WatchingThreadData;
  readonly #book: PlaceBook;
  readonly #observer: StallObserver;
  readonly #world: World;
  readonly #epochOffsetMs: number;
  readonly #excuses: Excuses;
  readonly #calls: CallWatch;
  readonly #rest: Rest;
  readonly #restSlackMs: number;
  #heartbeat: { readonly count: number } | undefined;
  #cancelPoll: () => void = () => undefined;
  #beats = 0;
  /** The last poll found no new beat. */
  #due = false;
  #lastBeatAt = 0;
  /** The time after the last beat in which a stall can begin unseen: until the next beat, or look, is due. */
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
    this.#calls = new CallWatch(data.marks, world.now());
    this.#rest = new Rest(world, data.marks);
    this.#restSlackMs = restSlackMs(data.options.thresholdMs, data.tickMs);
    this.#slackMs = data.tickMs;
    this.#book = book;
    this.#observer = observer;
  }

  /** Starts the watch. Keeps a reference to the histogram, without which the heartbeat would stop. */
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

  /** The open stall as it is now, if it has been reported. */
  running(): Stall | undefined {
    return this.#stall?.reported === true ? this.#describe(this.#stall, this.#world.now(), "read").stall : undefined;
  }

  /** The samples of the open stall so far. */
  samples(): readonly (readonly RawFrame[])[] {
    return this.#stall?.stacks(this.#world.now()) ?? [];
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
    // The time until now has been reported. The time until the next beat counts from here.
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

  /** Counts as if the missed beat had come now. */
  #countFrom(now: number): void {
    this.#lastBeatAt = now;
    this.#excuses.beat(now);
    this.#calls.beat(now);
  }

  #schedule(): void {
    this.#cancelPoll();
    this.#cancelPoll = this.#world.after(this.#pauseMs(), () => {
      this.#poll();
      if (this.#heartbeat) this.#schedule();
    });
  }

  /** The time until the next poll. */
  #pauseMs(): number {
    if (this.#stall) return stalledPollMs(this.#data.tickMs);
    if (this.#due) return DUE_POLL_MS;
    return (this.#rest.isResting ? this.#restSlackMs : this.#data.tickMs) - POLL_AHEAD_MS;
  }

  #poll(): void {
    if (!this.#heartbeat) return;
    if (this.#world.isExiting() && !this.#stall) return this.stop();
    const now = this.#world.now();
    this.#forgiveOwnLateness(now);
    this.#lastPollAt = now;
    const { count } = this.#heartbeat;
    this.#due = !this.#rest.turns(count !== this.#beats, now);
    const inCall = this.#due && this.#stall?.endedAt === undefined ? this.#calls.look(now) : undefined;
    if (this.#due) this.#excuses.due();
    else this.#beat(count, now);
    if (this.#stall) this.#follow(this.#stall, now, inCall);
    else if (this.#isMissing(now)) this.#open(now);
  }

  /** Whether there was no beat for 4/5 of the threshold, excused time not counted. */
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
    // The end event of a stall still reads what the calls took.
    if (!this.#stall) this.#calls.beat(now);
  }

  /** Excludes the time for which this thread was suspended with its process. */
  #forgiveOwnLateness(now: number): void {
    const sleptMs = this.#excuses.sleptMs(now, now - this.#lastPollAt - this.#pauseMs());
    if (sleptMs <= this.#data.tickMs) return;
    this.#lastBeatAt = Math.min(now, this.#lastBeatAt + sleptMs);
    this.#calls.postpone(sleptMs);
    if (this.#stall?.endedAt === undefined) this.#stall?.postpone(sleptMs, now);
  }

  /** An excused delay. It is an event of kind `starved` if the wait for a CPU was at least half of it. */
  #starved(delayMs: number, now: number, waitedMs: number): void {
    if (waitedMs < delayMs * STARVED_SHARE_OF_DELAY) return;
    const id = ++this.#stalls;
    const attributed = attribute({ captures: [], returned: [], late: false, probed: false, heldIn: undefined, collectedMs: 0, durationMs: delayMs, starved: true });
    const { count, totalMs, due } = this.#book.enter(attributed, delayMs, true, false);
    const stall: Stall = { id, startedAt: Math.round(now - delayMs + this.#epochOffsetMs), durationMs: tenths(delayMs), ...attributed, call: undefined, count, totalMs };
    this.#observer.began(stall, false);
    this.#observer.ended(stall, due, []);
  }

  #open(now: number): void {
    this.#observer.opened();
    if (this.#world.isExiting()) return this.#observer.closed();
    Atomics.add(this.#data.marks.words, mark.stalls, 1);
    const setting = { world: this.#world, excuses: this.#excuses, calls: this.#calls, data: this.#data, watchedSince: this.#startedAt, countedFrom: (then: number) => this.#countFrom(then) };
    this.#stall = new OpenStall(this.#stalls + 1, this.#lastBeatAt, this.#slackMs, now, setting);
  }

  #follow(stall: OpenStall, now: number, inCall: MarkedCall | undefined): void {
    if (stall.endedAt !== undefined) {
      if (!stall.awaitsLastWord || now - stall.endedAt >= LAST_WORD_MS) this.#close(stall, stall.endedAt);
      return;
    }
    stall.follow(now, inCall);
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
    this.#calls.beat(this.#world.now());
    this.#observer.closed();
  }

  #describe(stall: OpenStall, until: number, event: "begin" | "end" | "read"): { stall: Stall; due: boolean } {
    const attributed = stall.attribute(until);
    const durationMs = tenths(until - stall.startedAt);
    const call = attributed.call ?? (event === "end" || attributed.kind !== "native" ? undefined : stall.inCall && callText(stall.inCall));
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
