// Values that threads of one process can share or move, and another process cannot receive. channel/
// refuses shared memory and ports wherever they are. Web streams and Blobs look like plain objects to it, so
// values that are sent by themselves, or were marked to move, are checked before they are sent.
import type { FromWorker, ToWorker } from "./messages.js";

/** Read when an object is sent, because reading them loads Node's streams. */
const classes = (): readonly (abstract new (...args: never[]) => object)[] => [ReadableStream, WritableStream, TransformStream, MessagePort, Blob];

/** Thrown if a value cannot arrive in another process. `value` is the value that was refused. */
export class ThreadOnlyError extends Error {
  readonly value: object;

  constructor(value: object) {
    super(`an instance of ${value.constructor.name} cannot be sent to another process`);
    this.name = "ThreadOnlyError";
    this.value = value;
  }
}

/**
 * Checks the arguments, results or items of a message. It checks each value, not its contents.
 * @param moved the objects that were marked to move: buffers are copied instead, others are refused
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
