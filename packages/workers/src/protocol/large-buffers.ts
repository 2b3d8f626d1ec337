// Large buffers cross as copies that move. Structured clone copies a buffer twice, into the message and out
// of it, the second time on the thread that receives it; a copy that moves is made once, by the sender.
//
// What arrives is what structured clone would give. So only values are taken apart of which that is sure:
// views, buffers, and plain objects with nothing but those and primitives. All others are cloned as they are.

/** Smaller buffers cost less as a part of the message: the break-even was between 16 and 64 KB. */
const LARGE_BYTES = 128 * 1_024;

/** Whether a value is a large buffer, or a plain object that holds one. */
export function holdsLargeBuffer(value: object): boolean {
  if (isLarge(value)) return true;
  if (!isPlain(value)) return false;
  try {
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === "object" && item !== null && isLarge(item)) return true;
    }
  } catch {} // a getter throws: who clones it says which
  return false;
}

/**
 * The values with copies in the place of their large buffers.
 * @param moved gets the copies, for the transfer list of the message; views of one buffer share one copy
 * @returns the very same values where they hold something that only structured clone knows how to copy
 */
export function copyToMove(values: unknown[], moved: object[]): unknown[] {
  try {
    const copier = new Copier();
    const copies = values.map((value) => copier.copy(value, true));
    if (copier.failed) return values;
    moved.push(...copier.made);
    return copies;
  } catch {
    return values; // a getter that throws, too little memory: who clones them says so
  }
}

class Copier {
  readonly made: ArrayBuffer[] = [];
  failed = false;
  readonly #copies = new Map<object, object>();

  copy(value: unknown, takeApart: boolean): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const copy = this.#make(value, takeApart);
    this.#copies.set(value, copy);
    return copy;
  }

  #make(value: object, takeApart: boolean): object {
    if (ArrayBuffer.isView(value)) {
      const buffer = isFixed(value.buffer) ? (this.copy(value.buffer, false) as ArrayBuffer) : value.buffer;
      return buffer === value.buffer ? value : sameView(value, buffer as ArrayBuffer);
    }
    if (value instanceof ArrayBuffer && isFixed(value)) return this.#copyBuffer(value);
    if (value instanceof SharedArrayBuffer) return value;
    if (takeApart && isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.copy(item, false)]));
    this.failed = true;
    return value;
  }

  #copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
    if (buffer.byteLength < LARGE_BYTES) return buffer;
    // Not filled with zeros first, and none of Node's pool.
    const copy = Buffer.allocUnsafeSlow(buffer.byteLength);
    copy.set(new Uint8Array(buffer));
    this.made.push(copy.buffer as ArrayBuffer);
    return copy.buffer as ArrayBuffer;
  }
}

function isLarge(value: object): boolean {
  if (ArrayBuffer.isView(value)) return value.byteLength >= LARGE_BYTES && isFixed(value.buffer);
  return value instanceof ArrayBuffer && value.byteLength >= LARGE_BYTES && isFixed(value);
}

/** Whether it is neither shared nor able to change its length. */
function isFixed(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && (buffer as { resizable?: boolean }).resizable !== true;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

// What structured clone goes by, whatever a subclass says.
const typeOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

type ViewMaker = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/** The view onto another buffer. */
function sameView(view: ArrayBufferView, buffer: ArrayBuffer): ArrayBufferView {
  const type = typeOf.call(view) as string | undefined;
  if (type === undefined) return new DataView(buffer, view.byteOffset, view.byteLength);
  return new (globalThis as unknown as Record<string, ViewMaker>)[type]!(buffer, view.byteOffset, (view as Uint8Array).length);
}
