// Recognises the errors that a client throws when its signal has fired. Node's own functions wrap the signal's reason
// in an AbortError. axios, got and node-fetch throw errors of their own, without the reason.
import { isError } from "@offloop/workers/executor";

const names = new Set(["AbortError", "CanceledError", "CancelError"]);
const codes = new Set(["ABORT_ERR", "ERR_ABORTED", "ERR_CANCELED"]);

/** The number of causes that are examined, one inside another. A guess. */
const DEEPEST = 8;

/** Whether `signal` has fired and `error` is its reason, has it as a cause, or is an abort error of a client. */
export function isAbortBy(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted !== true) return false;
  try {
    let each = error;
    for (let depth = 0; depth < DEEPEST && each !== undefined && each !== null; depth += 1) {
      if (each === signal.reason || isAbortError(each)) return true;
      const { cause, reason } = each as { cause?: unknown; reason?: unknown };
      if (reason === signal.reason) return true;
      each = cause;
    }
  } catch {
    // A getter or a trap of the error threw.
  }
  return false;
}

function isAbortError(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return isError(error) && (names.has(name as string) || codes.has(code as string));
}
