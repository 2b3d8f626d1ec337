// What share of a stall the marked calls had. CallWatch looks at the mark of the running call at each poll that finds
// no beat. ShortCalls reads the sums of watched/breadcrumbs.ts, which know more where the calls are many and short.
import { mark, MOST_KINDS, time, type Marks } from "../protocol/marks.js";
import { type MarkedCall, readMark } from "../place/read-mark.js";

/** A function holds the loop if its calls had more than this share of the time. */
const HOLDING_SHARE = 0.6;

export class CallWatch {
  readonly #marks: Marks;
  /** The number of the call that the last look found, and the time of the first look that found it. */
  #nth: number | undefined;
  #since = 0;
  #lookedAt: number;
  #totalMs = 0;
  readonly #found = new Map<number, { readonly call: MarkedCall; readonly ms: number }>();

  constructor(marks: Marks, now: number) {
    this.#marks = marks;
    this.#lookedAt = now;
  }

  /** To be called at each beat. The shares count from here. */
  beat(now: number): void {
    this.#lookedAt = now;
    this.#totalMs = 0;
    this.#nth = undefined;
    this.#found.clear();
  }

  /** Excludes `ms` of suspension since the last look. */
  postpone(ms: number): void {
    this.#lookedAt += ms;
  }

  /** To be called at each poll that finds no beat. @returns the call that runs now, if there is one */
  look(now: number): MarkedCall | undefined {
    const ms = now - this.#lookedAt;
    this.#lookedAt = now;
    this.#totalMs += ms;
    const running = readMark(this.#marks);
    const nth = running && Atomics.load(this.#marks.words, mark.calls);
    const isSame = nth !== undefined && nth === this.#nth;
    if (!isSame) this.#since = now;
    this.#nth = nth;
    if (!running) return undefined;
    const before = this.#found.get(running.call);
    // Of many short calls, the argument of one says nothing.
    this.#found.set(running.call, { call: isSame || !before ? running : { ...running, argument: undefined }, ms: ms + (before?.ms ?? 0) });
    if (isSame) this.#tell(nth);
    return running;
  }

  /** The function that ran for most of the time since the last beat, if one did. */
  get holding(): MarkedCall | undefined {
    return [...this.#found.values()].find(({ ms }) => ms > this.#totalMs * HOLDING_SHARE)?.call;
  }

  /** Lets the wrapper of a call that lasts know its start. The wrapper may not have read the clock. */
  #tell(nth: number): void {
    this.#marks.times[time.seenSince] = this.#since;
    Atomics.store(this.#marks.words, mark.seen, nth);
  }
}

/** What the calls that were not told of took since one moment. */
export class ShortCalls {
  readonly #marks: Marks;
  readonly #since: number;
  readonly #before: Float64Array;

  constructor(marks: Marks, now: number) {
    this.#marks = marks;
    this.#since = now;
    this.#before = marks.times.slice();
  }

  /** The function whose calls took most of the time until `until`, if one did. */
  holding(until: number): MarkedCall | undefined {
    for (let call = 1; call <= MOST_KINDS; call++) {
      const ms = this.#marks.times[time.msOf(call)]! - this.#before[time.msOf(call)]!;
      if (ms > (until - this.#since) * HOLDING_SHARE) return { call, argument: undefined };
    }
    return undefined;
  }
}
