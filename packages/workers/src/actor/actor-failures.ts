// The errors of an actor that has ended: its worker died, it could not start, or it was disposed of.
import { isError } from "../executor/realm.js";
import { missingGrant } from "../executor/missing-grant.js";
import { CloneError, ExecutorShutdownError, OutOfMemoryError, WorkerCrashedError, type WorkerExit, WorkerStartError } from "../executor/errors.js";

/** The end of an actor's worker. */
export interface ActorEnd {
  readonly exit: WorkerExit;
  /** The uncaught error, if it is known. */
  readonly cause: unknown;
}

/** @param inFlight whether the call was made before the worker ended */
export function crashError(callName: string, { exit, cause }: ActorEnd, restart: "never" | "on-crash", inFlight: boolean): WorkerCrashedError {
  const options = cause === undefined ? {} : { cause };
  if ((cause as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY") return new OutOfMemoryError(callName, exit, options);
  const how = exit.signal ? `was ended by ${exit.signal}` : isError(cause) ? `died of an uncaught ${cause.name}: ${cause.message}` : `exited with code ${exit.exitCode ?? "unknown"}`;
  const when = inFlight ? `The worker of the actor ${how} before it answered ${callName}. The call may have had effects.` : `${callName} cannot run: the worker of the actor ${how} earlier.`;
  const next = restart === "never" ? "Spawn another actor, or spawn it with restart: 'on-crash'." : "The next call starts the actor again, without its state.";
  const stderr = exit.stderr ? `\nIts last lines on stderr:\n${exit.stderr}` : "";
  return new WorkerCrashedError(callName, exit, { ...options, message: `${when} ${next}${stderr}` });
}

/** The error of a call that was made after the disposal of its actor. */
export function disposedError(callName: string): ExecutorShutdownError {
  return new ExecutorShutdownError(`${callName} cannot run: the actor has been disposed of. Make the call before that, or spawn another actor.`);
}

/**
 * The error with which `spawnActor` rejects. An error of this side stays as it is. An error of the worker becomes the
 * cause of a `WorkerStartError`.
 */
export function startError(error: unknown, end: ActorEnd | undefined, { name, options }: { readonly name: string; readonly options: { readonly kind: string } }): Error {
  if (error instanceof CloneError && end === undefined) return error;
  const cause = error instanceof WorkerCrashedError && error.cause !== undefined ? error.cause : error;
  const why = isError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
  return new WorkerStartError(`The actor ${name} could not be started in a ${options.kind}. Fix the reason, and spawn it again. ${why}${missingGrant(cause)}`, { cause });
}
