// Checks a message to another process, before it is written.
import type { FromWorker, ToWorker } from "./messages.js";
import { kindOf } from "./object-kinds.js";
import { RefusedValueError, refuseMoved, THREAD_ONLY } from "./refused-value.js";

/**
 * Refuses values that only threads of one process can share: objects that were marked to move, and the values of a
 * message that was not surveyed. Checks each value, not its contents.
 * @throws RefusedValueError
 */
export function refuseThreadOnly(message: ToWorker | FromWorker, moved?: readonly unknown[]): void {
  const values = message.type === "run" ? message.calls : message.type === "settled" ? message.outcomes : message.type === "items" ? message.items : message.type === "progress" ? [message.value] : [];
  for (const value of values as unknown[]) if (typeof value === "object" && value !== null && kindOf(value) === "thread-only") throw new RefusedValueError(value, THREAD_ONLY);
  refuseMoved(moved);
}
