// The watchdog's channels on node:diagnostics_channel. Published on the thread that called
// startWatchdog(), as soon as its loop turns again; nothing is built when nobody listens.
import { channel } from "node:diagnostics_channel";
import type { Stall, SyncCall } from "../protocol/stall.js";

/** Names of the channels, for `diagnostics_channel.subscribe()`. */
export const stallChannels = Object.freeze({
  /** A stall was seen; `StallBeginEvent`. */
  begin: "offloop:stall:begin",
  /** The loop turned again; `StallEndEvent`. */
  end: "offloop:stall:end",
  /** A blocking function was called while the loop ran (`syncCalls: "report"`); `SyncCallEvent`. */
  syncCall: "offloop:sync-call",
  /** The endpoint listens (`serve`); `ListeningEvent`. */
  listening: "offloop:watchdog:listening",
});

/** The message on `offloop:stall:begin`: what was known when the stall was first reported. */
export interface StallBeginEvent {
  readonly stall: Stall;
}

/** The message on `offloop:stall:end`: the whole stall. */
export interface StallEndEvent {
  readonly stall: Stall;
}

/** The message on `offloop:sync-call`. */
export interface SyncCallEvent {
  readonly call: SyncCall;
}

/** The message on `offloop:watchdog:listening`. */
export interface ListeningEvent {
  readonly url: string;
}

const channels = {
  begin: channel(stallChannels.begin),
  end: channel(stallChannels.end),
  syncCall: channel(stallChannels.syncCall),
  listening: channel(stallChannels.listening),
};

interface Messages {
  readonly begin: StallBeginEvent;
  readonly end: StallEndEvent;
  readonly syncCall: SyncCallEvent;
  readonly listening: ListeningEvent;
}

export function publish<Name extends keyof Messages>(name: Name, message: Messages[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}
