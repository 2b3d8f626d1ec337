// Creates the error of a cancellation.
import { CancelledError } from "../errors.js";

/** @param message becomes its message, and its `cause` */
export function cancelledError(message: unknown): CancelledError {
  if (message === undefined) return new CancelledError("cancelled");
  return new CancelledError(message instanceof Error ? message.message : String(message), { cause: message });
}
