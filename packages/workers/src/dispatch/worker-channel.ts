// What dispatch/ needs of one kind of worker: thread/ and process/ implement it, each in its folder.
//
//   dispatch/lane.ts ── WorkerChannel.send ──▶ worker
//                    ◀── WorkerListener ─────
import type { WorkerExit } from "../executor/errors.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import type { Slots } from "../protocol/slots.js";

/** The main side of one worker. Starting it has begun when it is made; it never keeps the process alive by itself. */
export interface WorkerChannel {
  /** The shared words of its calls; `undefined` where there is no shared memory. */
  readonly slots: Slots | undefined;
  /** How many calls it can hold at once. */
  readonly capacity: number;
  /** Sends one message. @throws DataCloneError where it cannot be cloned; nothing has been sent then */
  send(message: ToWorker, transfer?: readonly unknown[]): void;
  /** Lets the running call in this slot see that it is cancelled, also in synchronous code. */
  requestCancel(slot: number, id: number): void;
  /** Receives now what the worker has said already, where that can be seen. */
  poll(): void;
  /** Ends the worker when it has nothing left to do; resolves when it is gone. */
  close(): Promise<void>;
  /** Ends the worker now; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Who is told what a worker says. No call comes after `exited`. */
export interface WorkerListener {
  received(message: FromWorker): void;
  /** @param cause what it died of, where that is known: an uncaught error, a failure to start */
  exited(exit: Omit<WorkerExit, "workerId">, cause?: unknown): void;
}

/** Starts workers of one kind. */
export interface WorkerKind {
  readonly name: "thread" | "process";
  /** Never throws: a failure to start is an exit. */
  start(listener: WorkerListener): WorkerChannel;
}
