// The errors of calls whose worker ended or did not start.
import { missingGrant } from "../executor/missing-grant.js";
import { isError } from "../executor/realm.js";
import { OutOfMemoryError, PoisonCallError, WorkerCrashedError, type WorkerExit, WorkerStartError } from "../executor/errors.js";
import { readStack } from "../executor/stack.js";
import { textOf } from "../executor/text-of.js";
import type { Call } from "./call.js";

/** A call that ended this many workers is not tried again, whatever its `retries`, because its next worker would probably end too. A guess. */
const POISON_AFTER = 3;

/** The error of a call whose worker has ended; `undefined`: the call may run again. */
export function crashError(call: Call, exit: WorkerExit, cause: unknown): Error | undefined {
  const options = cause === undefined ? {} : { cause };
  if (call.crashes.length >= POISON_AFTER) return call.blame(new PoisonCallError(call.name, call.crashes, options));
  // A second run of a stream would yield the same items again.
  if (call.crashes.length <= call.options.retries && !call.pinned && call.stream?.begun !== true) return undefined;
  const outOfMemory = (cause as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY" || /heap out of memory/.test(exit.stderr ?? "");
  return call.blame(outOfMemory ? new OutOfMemoryError(call.name, exit, options) : new WorkerCrashedError(call.name, exit, options));
}

/** The error of a call if no worker could be started. */
export function startError(call: Call, exit: WorkerExit, cause: unknown): Error {
  const why = isError(cause) ? `${cause.name}: ${cause.message}` : `it exited with code ${exit.exitCode ?? "unknown"}${exit.stderr ? `:\n${exit.stderr}` : ""}`;
  return call.blame(new WorkerStartError(`No worker could be started for ${call.name}: ${why}${missingGrant(cause)}. Fix the reason; the next call starts another worker.`, { cause }));
}

/** Why a worker was ended that has not become ready. */
export function startTimeout(ms: number): WorkerStartError {
  return new WorkerStartError(`It was not ready within ${ms} ms (startTimeoutMs). Its set-up still runs, a module of its execArgv blocks it, or another program has stopped it. Make the set-up shorter, or raise startTimeoutMs.`);
}

/** Milliseconds after its kill in which a worker exits: a thread takes some 10, and more on a busy machine. A guess. */
export const STUCK_MS = 2_000;

/** The error of a call that was meant for one worker, which ended before it ran the call. */
export function goneError(call: Call, workerId: number, cause?: unknown): Error {
  return call.blame(new WorkerCrashedError(call.name, { workerId }, { message: `Worker ${workerId} ended before it ran ${call.name}. No other worker could run it, because broadcast() had addressed this one, or the arguments had moved there. Make the call again.`, ...(cause === undefined ? {} : { cause }) }));
}

/** Reports an error that ended a worker between two calls. No call's future gets this error. */
export function warnOfCrash(exit: WorkerExit, cause: unknown): void {
  const detail = isError(cause) ? (readStack(cause) ?? cause.message) : textOf(cause);
  process.emitWarning(`Worker ${exit.workerId} died of an error between two calls, and is replaced when needed. Catch the error in the code that a call left behind.\n${detail}`, "OffloopWarning");
}
