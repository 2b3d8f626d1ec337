// What executors tell whoever listens, by node:diagnostics_channel: one channel for each step of a
// call and of a worker's life. Nothing is built or published while nobody has subscribed.
import { type Channel, channel } from "node:diagnostics_channel";
import type { WorkerExit } from "../executor/errors.js";

/** A step of a call. */
export interface CallEvent {
  /** Unique in this process. */
  readonly callId: number;
  readonly callName: string;
  /** The executor's `kind`: `thread`, `process`, or what another executor calls its own. */
  readonly executor: string;
}

/** The payload of `offloop:call:sent`. */
export interface CallSentEvent extends CallEvent {
  readonly workerId: number;
  /** Calls in the same envelope. */
  readonly envelopeSize: number;
}

/** The payload of `offloop:call:requeued`: the call left a worker that had not begun it, or that ended. */
export interface CallRequeuedEvent extends CallEvent {
  readonly workerId: number;
  /** How many workers have ended while they ran it. */
  readonly crashes: number;
}

/** The payload of `offloop:call:settled`. */
export interface CallSettledEvent extends CallEvent {
  readonly outcome: "fulfilled" | "rejected" | "cancelled";
  readonly error?: unknown;
}

/** A step of a worker's life. */
export interface WorkerEvent {
  readonly workerId: number;
  /** The executor's `kind`: `thread`, `process`, or what another executor calls its own. */
  readonly executor: string;
}

/** The payload of `offloop:worker:exited`. */
export interface WorkerExitedEvent extends WorkerEvent {
  readonly exit: WorkerExit;
  /** Whether the executor ended it: idle, replaced, or shut down. */
  readonly expected: boolean;
  readonly cause?: unknown;
}

/** Publishes one kind of payload. */
export interface TypedChannel<T> {
  readonly name: string;
  readonly hasSubscribers: boolean;
  publish(event: T): void;
}

function typed<T>(name: string): TypedChannel<T> {
  return channel(name) as Channel as TypedChannel<T>;
}

/** The channels, by what happened. Subscribe with `diagnostics_channel.subscribe(name, listener)`. */
export const channels = {
  callSubmitted: typed<CallEvent>("offloop:call:submitted"),
  callSent: typed<CallSentEvent>("offloop:call:sent"),
  callRequeued: typed<CallRequeuedEvent>("offloop:call:requeued"),
  callSettled: typed<CallSettledEvent>("offloop:call:settled"),
  workerStarted: typed<WorkerEvent>("offloop:worker:started"),
  workerReady: typed<WorkerEvent>("offloop:worker:ready"),
  workerExited: typed<WorkerExitedEvent>("offloop:worker:exited"),
} as const;
