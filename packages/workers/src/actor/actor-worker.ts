// What an actor needs of its thread or process.
import type { WorkerExit } from "../executor/errors.js";
import type { Line, WireMessage } from "../remote/wire.js";

/** The main side of an actor's worker. It keeps no process alive by itself. */
export interface ActorWorker {
  readonly line: Line;
  /** Ends the worker, whatever it does. Resolves when it has ended, after `exited` was called. */
  kill(): Promise<void>;
}

/** Receives what the worker does. */
export interface ActorWorkerListener {
  received(message: WireMessage): void;
  /** Called once, after the last message. `cause` is the uncaught error, if it is known. */
  exited(exit: Omit<WorkerExit, "workerId">, cause: unknown): void;
}
