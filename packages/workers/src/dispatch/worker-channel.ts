// What dispatch/ needs of one kind of worker. thread/ and process/ implement it, each in its folder, and so
// does your own executor, through `@offloop/workers/pool`.
//
//   dispatch/lane.ts ── WorkerChannel.send ──▶ worker
//                    ◀── WorkerListener ─────
import type { WorkerExit } from "../executor/errors.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import type { Slots } from "../protocol/slots.js";
import type { TravelRules } from "../protocol/travel-rules.js";

/**
 * The main side of one worker. The start of the worker has begun when its channel is made. A channel never
 * keeps the process alive by itself: the pool does so while calls are pending.
 */
export interface WorkerChannel {
  /** The shared words of its calls; `undefined` where the worker shares no memory with this thread. */
  readonly slots: Slots | undefined;
  /** How many calls it can hold at once: the one that runs, and those that wait at the worker. At least 1. */
  readonly capacity: number;
  /**
   * Sends one message. Messages arrive in the order in which they were sent; those after the worker's end are dropped.
   * @param transfer what the caller marked to move; a channel that cannot move it copies it or throws
   * @throws DataCloneError, ThreadOnlyError the message cannot be cloned to the worker; nothing of it has been sent then
   */
  send(message: ToWorker, transfer?: readonly unknown[]): void;
  /** Lets the running call in this slot see that it is cancelled, also in synchronous code. A `cancel` message follows in any case. */
  requestCancel(slot: number, id: number): void;
  /** Receives now what the worker has said already, where that can be seen without waiting. */
  poll(): void;
  /** Ends the worker when it has nothing left to do, its teardown included: sends it a `close` message. Its `exited` follows. Called once at the most. */
  close(): void;
  /** Ends the worker now, whatever it does, also while it closes. Its `exited` follows. May be called again. */
  kill(): void;
}

/** Hears what a worker says. */
export interface WorkerListener {
  /** The worker has said something. Not called after `exited`. */
  received(message: FromWorker): void;
  /**
   * The worker is gone, in good order or not. Called exactly once for each worker, however it ends, after its
   * last message and never within `start`. A shutdown waits for it.
   * @param exit what is known of its end
   * @param cause the error that ended it, where that is known: an uncaught error, a failure to start
   */
  exited(exit: Omit<WorkerExit, "workerId">, cause?: unknown): void;
}

/** Starts workers of one kind. */
export interface WorkerKind {
  /** What events and `Executor.kind` call it. */
  readonly name: string;
  /** How functions cross between this side and the worker. @default undefined: modules have the same URLs on both sides, and code is run */
  readonly travel?: TravelRules | undefined;
  /** Starts a worker. Never throws: a failure to start is an exit, and is told after this has returned. */
  start(listener: WorkerListener): WorkerChannel;
}
