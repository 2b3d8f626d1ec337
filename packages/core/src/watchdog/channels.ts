// The watchdog's channels on node:diagnostics_channel. Published on the thread that called
// startWatchdog(), as soon as its loop turns again; nothing is built when nobody listens.
import { channel } from "node:diagnostics_channel";
import type { Stall } from "./stall.js";

/** Names of the channels, for `diagnostics_channel.subscribe()`. */
export const stallChannels = Object.freeze({
  /** A stall was seen; `StallBeginEvent`. */
  begin: "offloop:stall:begin",
  /** The loop turned again; `StallEndEvent`. */
  end: "offloop:stall:end",
});

/** The message on `offloop:stall:begin`: what was known when the stall was first reported. */
export interface StallBeginEvent {
  readonly stall: Stall;
}

/** The message on `offloop:stall:end`: the whole stall. */
export interface StallEndEvent {
  readonly stall: Stall;
}

const begin = channel(stallChannels.begin);
const end = channel(stallChannels.end);

export function publishBegin(stall: Stall): void {
  if (begin.hasSubscribers) begin.publish({ stall } satisfies StallBeginEvent);
}

export function publishEnd(stall: Stall): void {
  if (end.hasSubscribers) end.publish({ stall } satisfies StallEndEvent);
}
