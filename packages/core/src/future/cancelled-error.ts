// Creates the error of a cancellation.
import { messageOf } from "@offloop/workers/executor";
import { CancelledError } from "../errors.js";

/** @param message becomes its message, and its `cause` */
export function cancelledError(message: unknown): CancelledError {
  if (message === undefined) return new CancelledError("cancelled");
  return new CancelledError(messageOf(message), { cause: message });
}
