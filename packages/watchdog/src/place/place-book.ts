// Counts stalls by place: how many, how long, and whether a report of the place may be written again.
import type { Place, Stall, StallKind } from "../protocol/stall.js";
import { monotonicMs } from "../protocol/monotonic.js";

/** The stalls of one place: a line of the summary. */
export interface PlaceSummary {
  readonly kind: StallKind;
  readonly place: Place | undefined;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

/** The properties by which stalls count as of one place. */
type Placed = Pick<Stall, "kind" | "place" | "call">;

interface Entry {
  kind: StallKind;
  readonly place: Place | undefined;
  longestMs: number;
  count: number;
  totalMs: number;
  /** The time of the last report, monotonic. */
  writtenAt: number;
}

/** The entry of a place after a stall was added to it. */
export interface Entered {
  readonly count: number;
  readonly totalMs: number;
  /** Whether no report of this place was written for `repeatAfterMs`. */
  readonly due: boolean;
}

/** Further places share one entry. Without this limit, a program that generates functions would fill the memory. */
const MOST_PLACES = 1_000;

export class PlaceBook {
  readonly #repeatAfterMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(repeatAfterMs: number, now: () => number = monotonicMs) {
    this.#repeatAfterMs = repeatAfterMs;
    this.#now = now;
  }

  /** Enters a stall. It is counted when it has `ended`. `claimed`: the report of its begin was written, so the report of its end may be written too. */
  enter(what: Placed, durationMs: number, ended: boolean, claimed: boolean): Entered {
    const entry = this.#entryOf(what);
    if (ended) {
      entry.count++;
      entry.kind = what.kind;
      entry.longestMs = Math.max(entry.longestMs, durationMs);
      entry.totalMs = tenths(entry.totalMs + durationMs);
    }
    const now = this.#now();
    const due = claimed || now - entry.writtenAt >= this.#repeatAfterMs;
    if (due) entry.writtenAt = now;
    return {
      count: entry.count + (ended ? 0 : 1),
      totalMs: ended ? entry.totalMs : tenths(entry.totalMs + durationMs),
      due,
    };
  }

  /** The counts of a place including a stall that still lasts. Enters nothing. */
  read(what: Placed, durationMs: number): Entered {
    const { count, totalMs } = this.#entryOf(what);
    return { count: count + 1, totalMs: tenths(totalMs + durationMs), due: false };
  }

  /** The places, sorted by their total time, longest first. */
  worst(): PlaceSummary[] {
    return [...this.#entries.values()]
      .filter(({ count }) => count > 0)
      .map(({ kind, place, count, totalMs, longestMs }) => ({ kind, place, count, totalMs, longestMs }))
      .toSorted((a, b) => b.totalMs - a.totalMs);
  }

  #entryOf({ kind, place, call }: Placed): Entry {
    const wanted = place ? `${place.file}:${place.line}:${place.function}` : `${kind} ${call ?? ""}`;
    const isOwn = this.#entries.has(wanted) || this.#entries.size < MOST_PLACES;
    const key = isOwn ? wanted : "…";
    let entry = this.#entries.get(key);
    // The entry that many places share must not name the first of them.
    if (!entry) this.#entries.set(key, (entry = { kind, place: isOwn ? place : undefined, longestMs: 0, count: 0, totalMs: 0, writtenAt: -Infinity }));
    return entry;
  }
}

/** Rounds to tenths, so that sums of tenths stay tenths. */
function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
