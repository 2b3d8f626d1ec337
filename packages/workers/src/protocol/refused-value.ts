// The error for a value that is not sent, because it would not arrive as it is.
import { types } from "node:util";
import { className } from "./object-kinds.js";

/** Thrown for a value that would not arrive as it is. `value` is the culprit, and `reason` a clause that follows "it is an instance of X, ". */
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

/** The reason for an object that only threads of this process can share. */
export const THREAD_ONLY = "which cannot be sent to another process";
/** The reason for an object whose content stays with its side, such as a Response. */
export const BOUND = "which would arrive without its content";

/** Checks the objects that were marked to move to another process: buffers are copied, and all others are refused. @throws RefusedValueError */
export function refuseMoved(moved: readonly unknown[] = []): void {
  for (const value of moved) if (!types.isArrayBuffer(value)) throw new RefusedValueError(value, THREAD_ONLY);
}
