// The share of the last second in which the event loop was held, from the stalls that a watchdog publishes. It needs a
// watchdog in this thread (`startWatchdog()`, `offloop watch` or `--import offloop/register`); without one nothing is held.
import { subscribe } from "node:diagnostics_channel";
import { now, timeOrigin } from "./real-time.js";

/** The line that held the loop. */
export interface HoldingPlace {
  /** The path or URL of the source file. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The name of the function. `undefined`: it has none. */
  readonly function: string | undefined;
}

interface StallEvent {
  readonly stall: { readonly startedAt: number; readonly durationMs: number; readonly place?: HoldingPlace | undefined; readonly context?: string | undefined };
}

/** What the watchdog saw in the last second. */
export interface HeldLoop {
  /** From 0 to 1. */
  readonly share: number;
  /** Where the newest stall with a place was. */
  readonly place: HoldingPlace | undefined;
  /** The request that it belonged to. */
  readonly request: string | undefined;
}

const WINDOW_MS = 1_000;

/** The stalls of the last second, oldest first. One that still lasts has no end. */
let stalls: { readonly from: number; until: number; readonly event: StallEvent }[] = [];
let listening = false;

/** Listens from the first call on. */
export function listenForStalls(): void {
  if (listening) return;
  listening = true;
  subscribe("offloop:stall:begin", (message) => note(message as StallEvent, Infinity));
  subscribe("offloop:stall:end", (message) => {
    const event = message as StallEvent;
    // The loop turns again, so no stall lasts.
    stalls = stalls.filter(({ until }) => until !== Infinity);
    note(event, event.stall.startedAt + event.stall.durationMs);
  });
}

/** As the watchdog counts, also where a test has replaced the clock. */
const epochMs = (): number => timeOrigin + now();

function note(event: StallEvent, until: number): void {
  const oldest = epochMs() - WINDOW_MS;
  stalls = stalls.filter((each) => each.until > oldest);
  stalls.push({ from: event.stall.startedAt, until, event });
}

/** @returns `undefined`: the loop was not held */
export function heldLoop(): HeldLoop | undefined {
  const end = epochMs();
  const recent = stalls.filter(({ until }) => until > end - WINDOW_MS);
  if (recent.length === 0) return undefined;
  let heldMs = 0;
  let counted = end - WINDOW_MS;
  // Two watchdogs report the same stall.
  for (const { from, until } of recent.toSorted((a, b) => a.from - b.from)) {
    heldMs += Math.max(0, Math.min(until, end) - Math.max(from, counted));
    counted = Math.max(counted, Math.min(until, end));
  }
  const { place, context } = (recent.findLast(({ event }) => event.stall.place) ?? recent.at(-1)!).event.stall;
  return { share: heldMs / WINDOW_MS, place: place && { file: place.file, line: place.line, function: place.function }, request: context };
}
