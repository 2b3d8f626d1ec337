// The events of executors on node:diagnostics_channel. There is one channel for each step of a call and of a
// worker's life. A payload is built only if its channel has a subscriber.
import { type Channel, channel } from "node:diagnostics_channel";
import type { WorkerExit } from "./errors.js";

/** A step of a call. */
export interface CallEvent {
  /** Unique in this process. */
  readonly callId: number;
  /** The name of the call: the option `name`, else that of its function. */
  readonly callName: string;
  /** The executor's `kind`: `thread`, `process`, or the name that a third-party executor has chosen. */
  readonly executor: string;
  /** The executor's `name`. */
  readonly executorName: string;
}

/** The payload of `offloop:call:sent`: the call leaves the queue for a worker. On an `InlineExecutor` it begins, and `workerId` is 0. */
export interface CallSentEvent extends CallEvent {
  /** Milliseconds from the submission until now; `undefined`: the call was submitted before anybody subscribed. */
  readonly queuedMs: number | undefined;
  /** The worker that gets the call. */
  readonly workerId: number;
  /** The number of calls in the same envelope. */
  readonly envelopeSize: number;
}

/** The payload of `offloop:call:requeued`: the call returned to the queue, because its worker had not begun it or has ended. */
export interface CallRequeuedEvent extends CallEvent {
  /** The worker that had the call. */
  readonly workerId: number;
  /** How many workers have ended while they ran the call. */
  readonly crashes: number;
}

/** How long a call has waited and run. Both are `undefined` if the call was submitted before anybody subscribed. */
export interface CallTimes {
  /**
   * Milliseconds from the submission until a worker began the call, or until the call settled without having begun. If a
   * worker process ends or is given up while it runs the call, the time counts until the call was sent.
   */
  readonly queuedMs: number | undefined;
  /**
   * Milliseconds for which the call ran, until the worker had its outcome, or until its future settled before that.
   * A stream runs while it waits for its consumer. `undefined`: no worker began it, or a worker process has not told.
   */
  readonly runMs: number | undefined;
}

/** The payload of `offloop:call:settled`. */
export interface CallSettledEvent extends CallEvent, CallTimes {
  /** The name of the host that had the call; `undefined`: no other host had it. */
  readonly host: string | undefined;
  /** The final state of the call's future. */
  readonly outcome: "fulfilled" | "rejected" | "cancelled";
  /** What the future rejects with, unless `outcome` is `fulfilled`. */
  readonly error?: unknown;
}

/** A step of a worker's life. */
export interface WorkerEvent {
  /** The number of the worker, unique in its executor. */
  readonly workerId: number;
  /** The executor's `kind`: `thread`, `process`, or the name that a third-party executor has chosen. */
  readonly executor: string;
  /** The executor's `name`. */
  readonly executorName: string;
}

/** The payload of `offloop:worker:exited`. */
export interface WorkerExitedEvent extends WorkerEvent {
  /** How the worker ended: exit code, signal, last lines of standard error. */
  readonly exit: WorkerExit;
  /** Whether the executor ended the worker: because it was idle, worn, or shut down. */
  readonly expected: boolean;
  /** The error with which the worker ended, if there was one. */
  readonly cause?: unknown;
}

/** A channel with one type of payload. */
export interface TypedChannel<T> {
  /** The name for `diagnostics_channel.subscribe`. */
  readonly name: string;
  /** Whether somebody listens. If nobody does, executors make no event. */
  readonly hasSubscribers: boolean;
  /** Calls each subscriber at once. What one throws becomes an uncaught exception. */
  publish(event: T): void;
  /** Publishes the event, and runs `fn` with the stores that are bound to the channel (`bindStore`). */
  runStores<R>(event: T, fn: () => R): R;
}

function typed<T>(name: string): TypedChannel<T> {
  return channel(name) as Channel as TypedChannel<T>;
}

/** The channels, by event. Subscribe with `diagnostics_channel.subscribe(name, listener)`. */
export const channels = {
  /** A call was submitted, and its context is not yet captured. */
  callSubmitted: typed<CallEvent>("offloop:call:submitted"),
  /** A call leaves the queue for a worker. */
  callSent: typed<CallSentEvent>("offloop:call:sent"),
  /** A call has returned to the queue. */
  callRequeued: typed<CallRequeuedEvent>("offloop:call:requeued"),
  /** A call has its outcome, whether a worker ran it or not. Each submitted call has one such event. */
  callSettled: typed<CallSettledEvent>("offloop:call:settled"),
  /** A worker is being started. */
  workerStarted: typed<WorkerEvent>("offloop:worker:started"),
  /** A worker has loaded its modules, has run `setup`, and takes calls. */
  workerReady: typed<WorkerEvent>("offloop:worker:ready"),
  /** A worker has ended, as expected or not. */
  workerExited: typed<WorkerExitedEvent>("offloop:worker:exited"),
} as const;
