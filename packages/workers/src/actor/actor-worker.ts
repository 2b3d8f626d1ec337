// What an actor needs of the thread or process that it lives in.
import type { WorkerExit } from "../executor/errors.js";
import type { Line, WireMessage } from "../remote/wire.js";

/** The main side of an actor's worker. It keeps no process alive by itself. */
export interface ActorWorker {
  readonly line: Line;
  /** Ends it, whatever it does. Resolves when it has ended; `exited` has been told before. */
  kill(): Promise<void>;
}

/** Who is told what the worker does. */
export interface ActorWorkerListener {
  received(message: WireMessage): void;
  /** Once, after the last message. `cause` is what was thrown, where that is known. */
  exited(exit: Omit<WorkerExit, "workerId">, cause: unknown): void;
}
