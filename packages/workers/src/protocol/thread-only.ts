// What threads of one process can share or hand over and another process cannot have. channel/ refuses
// shared memory and ports wherever they are; web streams and Blobs look like plain objects to it, so what
// stands by itself, or was marked to move, is looked at before it is sent.
import type { FromWorker, ToWorker } from "./messages.js";

/** Read when an object is to be sent: to read them loads Node's streams. */
const classes = (): readonly (abstract new (...args: never[]) => object)[] => [ReadableStream, WritableStream, TransformStream, MessagePort, Blob];

/** Raised where a value would not arrive in another process; `value` is the culprit. */
export class ThreadOnlyError extends Error {
  readonly value: object;

  constructor(value: object) {
    super(`an instance of ${value.constructor.name} cannot be sent to another process`);
    this.name = "ThreadOnlyError";
    this.value = value;
  }
}

/**
 * Looks at the arguments, results or items of a message: at each, not at what it holds.
 * @param moved what was marked to move: buffers are copied instead, and nothing else can be
 * @throws ThreadOnlyError
 */
export function refuseThreadOnly(message: ToWorker | FromWorker, moved: readonly unknown[] = []): void {
  const values = message.type === "run" ? message.calls : message.type === "settled" ? message.outcomes : message.type === "items" ? message.items : message.type === "progress" ? [message.value] : [];
  for (const value of values as unknown[]) if (typeof value === "object" && value !== null && isThreadOnly(value)) throw new ThreadOnlyError(value);
  for (const value of moved) if (!(value instanceof ArrayBuffer)) throw new ThreadOnlyError(Object(value) as object);
}

function isThreadOnly(value: object): boolean {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer;
  return value instanceof SharedArrayBuffer || classes().some((each) => value instanceof each);
}
