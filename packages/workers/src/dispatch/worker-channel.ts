// What dispatch/ needs of one kind of worker: thread/ and process/ implement it, each in its folder.
//
//   dispatch/lane.ts ── WorkerChannel.send ──▶ worker
//                    ◀── WorkerListener ─────
import type { WorkerExit } from "../executor/errors.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import type { Slots } from "../protocol/slots.js";

/** The main side of one worker, which starts when this is made. It never keeps the process alive by itself. */
export interface WorkerChannel {
  /** The shared words of its calls; `undefined` without shared memory. */
  readonly slots: Slots | undefined;
  /** How many calls it can hold at once. */
  readonly capacity: number;
  /** Sends one message. @throws DataCloneError the message cannot be cloned; nothing has been sent then */
  send(message: ToWorker, transfer?: readonly unknown[]): void;
  /** Lets the running call in this slot see that it is cancelled, also in synchronous code. */
  requestCancel(slot: number, id: number): void;
  /** Receives now what the worker has said already, if the channel can tell. */
  poll(): void;
  /** Ends the worker when it has nothing left to do. Its `exited` follows. Called once at the most. */
  close(): void;
  /** Ends the worker now, also while it closes. Its `exited` follows. */
  kill(): void;
}

/** Receives what a worker says. */
export interface WorkerListener {
  received(message: FromWorker): void;
  /**
   * The worker is gone. Called exactly once for each worker, however it ends, and never within `start`;
   * nothing is received after it. A shutdown waits for it.
   * @param cause what ended the worker, where that is known: an uncaught error, a failure to start
   */
  exited(exit: Omit<WorkerExit, "workerId">, cause?: unknown): void;
}

/** Starts workers of one kind. */
export interface WorkerKind {
  readonly name: "thread" | "process";
  /** Never throws: a worker that fails to start has exited. */
  start(listener: WorkerListener): WorkerChannel;
}
