// Large buffers cross as copies that are transferred. Structured clone would copy a buffer twice: into the message,
// and out of it on the receiving thread. A transferred copy is made once, by the sender.
//
// The receiver gets the same values as from structured clone. So only buffers and views that are values themselves
// are copied, and only if no other value holds a view of their memory. Buffers inside objects are cloned.
import { types } from "node:util";

/** Smaller buffers cost less as a part of the message: the measured break-even was between 16 and 64 KB. */
const LARGE_BYTES = 128 * 1_024;

/**
 * The values, with copies in place of their large buffers.
 * @param moved receives the copies, for the transfer list of the message; views of one buffer share one copy
 * @returns the same array if no value is large, or if only structured clone can copy one of the values
 */
export function copyToMove(values: unknown[], moved: object[]): unknown[] {
  let large = false;
  for (let index = 0; index < values.length; index += 1) large ||= isLarge(values[index]);
  if (!large || !values.every(standsAlone)) return values;
  const copies = new Map<ArrayBufferLike, ArrayBuffer>();
  const sent: unknown[] = [];
  try {
    for (const value of values) {
      const first = isPrimitive(value) ? sent.length : values.indexOf(value);
      sent.push(first < sent.length ? sent[first] : copyOf(value, copies));
    }
    moved.push(...copies.values());
    return sent;
  } catch {
    return values; // there is no memory for the copies, which structured clone reports
  }
}

function copyOf(value: unknown, copies: Map<ArrayBufferLike, ArrayBuffer>): unknown {
  if (ArrayBuffer.isView(value)) return isFixed(value.buffer) && value.buffer.byteLength >= LARGE_BYTES ? sameView(value, copyBuffer(value.buffer, copies)) : value;
  return isLarge(value) ? copyBuffer(value as ArrayBuffer, copies) : value;
}

function copyBuffer(buffer: ArrayBufferLike, copies: Map<ArrayBufferLike, ArrayBuffer>): ArrayBuffer {
  let copy = copies.get(buffer);
  if (copy === undefined) {
    // Not filled with zeros, and not part of Node's pool.
    const bytes = Buffer.allocUnsafeSlow(buffer.byteLength);
    bytes.set(new Uint8Array(buffer));
    copies.set(buffer, (copy = bytes.buffer as ArrayBuffer));
  }
  return copy;
}

function isLarge(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value)) return value.byteLength >= LARGE_BYTES && isFixed(value.buffer);
  return types.isArrayBuffer(value) && value.byteLength >= LARGE_BYTES && isFixed(value);
}

/** Whether the buffer is not shared and cannot change its length. */
function isFixed(buffer: ArrayBufferLike): boolean {
  return types.isArrayBuffer(buffer) && (buffer as { resizable?: boolean }).resizable !== true;
}

/** Whether a value is a buffer or view itself, or contains none. */
function standsAlone(value: unknown): boolean {
  if (isPrimitive(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return true;
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(Object.getOwnPropertyDescriptors(value)).every((each) => "value" in each && isPrimitive(each.value));
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

// The internal type, which structured clone reads too. Subclasses cannot change it.
const typeOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

type ViewMaker = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/** The same view of another buffer. */
function sameView(view: ArrayBufferView, buffer: ArrayBuffer): ArrayBufferView {
  if (Buffer.isBuffer(view)) return Buffer.from(buffer, view.byteOffset, view.byteLength);
  const type = typeOf.call(view) as string | undefined;
  if (type === undefined) return new DataView(buffer, view.byteOffset, view.byteLength);
  return new (globalThis as unknown as Record<string, ViewMaker>)[type]!(buffer, view.byteOffset, (view as Uint8Array).length);
}
