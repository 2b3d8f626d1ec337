// transfer() and move(): mark objects that move to the other side in place of being copied. The marks are kept
// in a WeakMap; the values are not changed. The code that sends a value looks up its marks.
import { types } from "node:util";
import { invalidArgument } from "./check-options.js";

const marks = new WeakMap<object, readonly object[]>();

/**
 * Marks an argument so that the objects in `list` move to the worker. After the call they are no longer usable
 * here. Only threads move objects; processes copy them.
 * @param list `ArrayBuffer`s, `MessagePort`s, web streams and `FileHandle`s inside `value`. `undefined`: the value itself
 * @returns the same value
 * @throws InvalidArgumentError `value` is no object, or `list` no array
 * @example
 * pool.submit(checksum, transfer(bytes, [bytes.buffer]));
 */
export function transfer<T extends object>(value: T, list: readonly object[] = [value]): T {
  requireObject("transfer()", value, "transfer(bytes, [bytes.buffer])");
  if (!Array.isArray(list)) throw invalidArgument("transfer()", "an array of the objects that move", list, "transfer(bytes, [bytes.buffer])");
  marks.set(value, list);
  return value;
}

/**
 * Marks a result so that every buffer, port and stream in it moves to the caller in place of being copied.
 * @returns the same value; return it from the function
 * @example
 * export const render = (size: number) => move(new Float64Array(size));
 */
export function move<T extends object>(value: T): T {
  requireObject("move()", value, "move(new Float64Array(4))");
  marks.set(value, [...transferables(value, new Set())]);
  return value;
}

function requireObject(of: string, value: unknown, write: string): void {
  if (typeof value !== "object" || value === null) throw invalidArgument(of, "an object that contains the buffers or ports to move", value, write);
}

/** The objects that were marked to move with `value`. */
export function markedTransfers(value: unknown): readonly object[] | undefined {
  return typeof value === "object" && value !== null ? marks.get(value) : undefined;
}

/** Yields each object in a value that can move, once. */
function* transferables(value: unknown, seen: Set<unknown>): Generator<object> {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (types.isArrayBuffer(value) || value instanceof MessagePort || value instanceof ReadableStream || value instanceof WritableStream || value instanceof TransformStream) {
    yield value;
  } else if (ArrayBuffer.isView(value)) {
    // A small Buffer is a view of a shared pool, so it is copied.
    const whole = value.byteLength === value.buffer.byteLength;
    if (whole && types.isArrayBuffer(value.buffer)) yield* transferables(value.buffer, seen);
  } else if (types.isMap(value)) {
    for (const [key, item] of value) {
      yield* transferables(key, seen);
      yield* transferables(item, seen);
    }
  } else if (types.isSet(value) || Array.isArray(value)) {
    for (const item of value as Iterable<unknown>) yield* transferables(item, seen);
  } else {
    for (const item of Object.values(value)) yield* transferables(item, seen);
  }
}
