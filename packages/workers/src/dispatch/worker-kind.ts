// The interfaces of one kind of worker. thread/ and process/ implement them, and so does your own executor,
// through `@offloop/workers/pool`.
//
//   dispatch/lane.ts ── StartedWorker.send ──▶ worker
//                    ◀── WorkerListener ─────
import type { WorkerExit } from "../executor/errors.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import type { Slots } from "../protocol/slots.js";
import type { TravelRules } from "../protocol/travel-rules.js";

/** The thread of this process, by its `threadId`, or the process that a worker is. */
export type WorkerLocation = { readonly threadId: number } | { readonly pid: number };

/**
 * The main side of one worker. The worker is starting when `start` returns this object. The object does not keep
 * the process alive, except while the worker closes. The pool keeps the process alive while calls are pending.
 */
export interface StartedWorker {
  /** The shared words of its calls; `undefined`: the worker shares no memory with this thread. */
  readonly slots: Slots | undefined;
  /** The number of calls that the worker can hold at once: the running call, and those that wait at the worker. At least 1. */
  readonly capacity: number;
  /** Where it runs, for tools that look into the process; `undefined`: not on this machine, or it has ended. */
  readonly location?: WorkerLocation | undefined;
  /**
   * Sends one message. Messages arrive in the order in which they were sent. Messages after the worker's end are dropped.
   * @param transfer the objects that the caller marked to move; a kind of worker that cannot move them copies them or throws
   * @throws Error, such as a DataCloneError: the message cannot be cloned to the worker; no part of it has been sent then
   */
  send(message: ToWorker, transfer?: readonly unknown[]): void;
  /** Lets the running call in this slot see that it is cancelled, also in synchronous code. A `cancel` message follows in any case. */
  requestCancel(slot: number, id: number): void;
  /**
   * The milliseconds for which the worker has used a processor, or has waited for a free one, since its start;
   * `undefined`: not known, and the worker counts as busy. Called every 10 ms at most, while calls wait.
   */
  busyMs?(): number | undefined;
  /** Receives the messages that have arrived, if that is possible without waiting for the event loop; otherwise does nothing. */
  poll(): void;
  /** Sends the worker a `close` message. The worker then ends after its calls and its teardown, and `exited` follows. Called at most once. */
  close(): void;
  /** Ends the worker at once, also while it runs a call or closes. `exited` follows. May be called more than once. */
  kill(): void;
}

/** Receives the messages and the end of one worker. */
export interface WorkerListener {
  /** A message of the worker has arrived. Not called after `exited`. */
  received(message: FromWorker): void;
  /**
   * The worker has ended, by `close`, by `kill` or by a crash. Called exactly once for each worker, after its last
   * message, and never during `start`. A shutdown waits for this call.
   * @param exit the exit code, the signal and the last lines of standard error, if they are known
   * @param cause the error that ended the worker, if it is known: an uncaught error, or a failure to start
   */
  exited(exit: Omit<WorkerExit, "workerId">, cause?: unknown): void;
}

/** Starts workers of one kind. */
export interface WorkerKind {
  /** The name of the kind in events and in `Executor.kind`. */
  readonly name: string;
  /** How functions travel to the worker. @default undefined: modules have the same URLs on both sides, and the worker accepts code */
  readonly travel?: TravelRules | undefined;
  /** Starts a worker. Never throws: a failure to start is reported by `exited`, after this method has returned. */
  start(listener: WorkerListener): StartedWorker;
}
