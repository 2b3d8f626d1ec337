// The thread or process of an actor, as actor-life.ts uses it.
import type { WorkerExit } from "../executor/errors.js";
import type { Line, WireMessage } from "../remote/wire.js";

/** The main side of an actor's worker. It does not keep the process alive. */
export interface ActorWorker {
  readonly line: Line;
  /** Ends the worker, also while it runs a call. Resolves when it has ended, after `exited` was called. */
  kill(): Promise<void>;
}

/** Receives the messages and the end of the worker. */
export interface ActorWorkerListener {
  received(message: WireMessage): void;
  /** Whether an answer of the worker is pending. */
  readonly expecting: boolean;
  /** Called once, after the last message. `cause` is the uncaught error, if it is known. */
  exited(exit: Omit<WorkerExit, "workerId">, cause: unknown): void;
}
