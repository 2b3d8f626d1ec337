// Why a value is refused before it is sent: it would not arrive as it is.
import { types } from "node:util";
import type { FromWorker, ToWorker } from "./messages.js";
import { className, kindOf } from "./object-kinds.js";

/** Raised where a value would not arrive as it is; `value` is the culprit, `reason` a clause that follows "it is an instance of X, ". */
export class RefusedValueError extends Error {
  readonly value: unknown;
  readonly reason: string;

  constructor(value: unknown, reason: string) {
    const what = typeof value === "object" && value !== null ? `an instance of ${className(value) ?? "no class"}` : `a ${typeof value}`;
    super(reason === THREAD_ONLY ? `${what} cannot be sent to another process` : `${what} cannot be sent`);
    this.name = "RefusedValueError";
    this.value = value;
    this.reason = reason;
  }
}

export const THREAD_ONLY = "which threads of one process alone can have";
export const BOUND = "of which nothing would arrive";

/**
 * Refuses what another process cannot have: the objects that were marked to move, and the values of a message that
 * was not surveyed. It checks each value, not its contents.
 * @throws RefusedValueError
 */
export function refuseThreadOnly(message: ToWorker | FromWorker, moved?: readonly unknown[]): void {
  const values = message.type === "run" ? message.calls : message.type === "settled" ? message.outcomes : message.type === "items" ? message.items : message.type === "progress" ? [message.value] : [];
  for (const value of values as unknown[]) if (typeof value === "object" && value !== null && kindOf(value) === "thread-only") throw new RefusedValueError(value, THREAD_ONLY);
  refuseMoved(moved);
}

/** Another process gets copies of buffers that were marked to move; nothing else can leave its process. @throws RefusedValueError */
export function refuseMoved(moved: readonly unknown[] = []): void {
  for (const value of moved) if (!types.isArrayBuffer(value)) throw new RefusedValueError(value, THREAD_ONLY);
}
