// Why a value is refused before it is sent: it would not arrive as it is.
import { types } from "node:util";
import { className } from "./object-kinds.js";

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

/** Another process gets copies of buffers that were marked to move; nothing else can leave its process. @throws RefusedValueError */
export function refuseMoved(moved: readonly unknown[] = []): void {
  for (const value of moved) if (!types.isArrayBuffer(value)) throw new RefusedValueError(value, THREAD_ONLY);
}
