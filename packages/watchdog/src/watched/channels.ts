// The watchdog's channels on node:diagnostics_channel. Messages are published on the thread that called
// startWatchdog(), as soon as its loop turns again, and only if the channel has a subscriber.
import { channel } from "node:diagnostics_channel";
import type { Stall, SyncCall } from "../protocol/stall.js";

/** The names of the channels, for `diagnostics_channel.subscribe()`. */
export const stallChannels = Object.freeze({
  /** A stall was reported; `StallBeginEvent`. */
  begin: "offloop:stall:begin",
  /** The loop turned again after a stall; `StallEndEvent`. */
  end: "offloop:stall:end",
  /** A blocking function was called while the loop ran (`syncCalls: "report"`); `SyncCallEvent`. */
  syncCall: "offloop:sync-call",
  /** The endpoint listens (`serve`); `ListeningEvent`. */
  listening: "offloop:watchdog:listening",
});

/** The message on `offloop:stall:begin`. */
export interface StallBeginEvent {
  /** The stall as it was known at its first report. */
  readonly stall: Stall;
}

/** The message on `offloop:stall:end`. */
export interface StallEndEvent {
  /** The complete stall. */
  readonly stall: Stall;
}

/** The message on `offloop:sync-call`. */
export interface SyncCallEvent {
  /** The call, after it has returned. */
  readonly call: SyncCall;
}

/** The message on `offloop:watchdog:listening`. */
export interface ListeningEvent {
  /** The address of the endpoint, with its port. */
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

/** Publishes an event if its channel has a subscriber. */
export function publish<Name extends keyof Messages>(name: Name, message: Messages[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}
