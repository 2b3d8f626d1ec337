// Turns a message into the bytes of a frame. The body is a structured clone in V8's own format, so V8 decides
// which values can be sent. Most calls and outcomes consist of numbers and short strings. This file writes those
// itself, in the same format, in a tenth of the time that V8's serializer takes to start. The counterpart is
// message-decoder.ts; frame.ts draws a frame.
import { types } from "node:util";
import { RefusedValueError, THREAD_ONLY } from "../protocol/refused-value.js";
import { ATTACH_FROM_BYTES, HEAD_BYTES, LENGTH_BYTES, MOST_BODY_BYTES, writeHead } from "./frame.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { ARRAY, ARRAY_END, DOUBLE, FALSE, FORMAT, INT32, NULL, OBJECT, OBJECT_END, ONE_BYTE_STRING, TRUE, TWO_BYTE_STRING, UNDEFINED, VERSION } from "./clone-format.js";

/** V8 writes longer strings, because its native code copies faster. In characters. */
const SHORT = 64;

/** The largest size of a primitive, in bytes: tag, padding, length, and two bytes for each character of a short string. */
const MOST_PRIMITIVE_BYTES = 8 + 2 * SHORT;

/** V8 writes larger messages. In bytes. */
const SCRATCH_BYTES = 64 * 1_024;

const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** A frame in pieces, to be written in order. */
export type EncodedFrame = readonly [Buffer, ...Buffer[]];

/** Whether the next message overwrites the memory of this piece. Write or copy it at once. */
export function isReused(piece: Buffer): boolean {
  return piece.buffer === scratch.buffer;
}

/** A message of an actor. */
export type OtherMessage = Readonly<Record<string, unknown>> & { readonly type?: undefined };

/** @throws Error, or what a getter throws, if the message cannot be cloned */
export function encodeMessage(message: ToWorker | FromWorker | OtherMessage): EncodedFrame {
  if (message.type === "run" || message.type === "settled") {
    const end = writePlain(message as unknown as Record<string, unknown>);
    if (end > 0) {
      writeHead(scratch, end - HEAD_BYTES, 0);
      return [scratch.subarray(0, end)];
    }
  }
  return serialize(message);
}

const headRoom = Buffer.alloc(HEAD_BYTES);

/** Thrown if a message is larger than its reader accepts. */
class MessageTooLargeError extends Error {
  readonly code = "EMSGSIZE";

  constructor(bytes: number, most: number) {
    super(`the message has ${bytes} bytes, and a message between processes can have ${most} at most. Send the values in parts.`);
    this.name = "MessageTooLargeError";
  }
}

/**
 * Turns any value into a frame, by V8's serializer.
 * @param mostBytes the largest frame that is accepted
 * @throws Error, or what a getter throws, if the value cannot be cloned
 */
export function serialize(message: unknown, mostBytes = MOST_BODY_BYTES): EncodedFrame {
  MessageSerializer ??= makeSerializer();
  const serializer = new MessageSerializer();
  serializer.writeRawBytes(headRoom);
  serializer.writeHeader();
  serializer.writeValue(message);
  const frame = serializer.releaseBuffer();
  const { attachments } = serializer;
  const bytes = attachments.reduce((sum, { length }) => sum + length, frame.length);
  if (bytes > mostBytes) throw new MessageTooLargeError(bytes, mostBytes);
  writeHead(frame, frame.length - HEAD_BYTES, attachments.length);
  if (attachments.length === 0) return [frame];
  const lengths = Buffer.allocUnsafe(attachments.length * LENGTH_BYTES);
  attachments.forEach(({ length }, index) => lengths.writeDoubleLE(length, index * LENGTH_BYTES));
  return [frame, lengths, ...attachments];
}

type ViewConstructor = (new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView) & { readonly BYTES_PER_ELEMENT?: number };

/** Since Node 24. */
const { Float16Array } = globalThis as { Float16Array?: ViewConstructor };

/** The kinds of views. The index is the number of the kind in a body. A Buffer arrives as a Buffer. */
export const VIEWS: readonly ViewConstructor[] = [
  Buffer as unknown as ViewConstructor,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...(Float16Array === undefined ? [] : [Float16Array]),
];

/** The kinds by the result of `Object.prototype.toString`. Subclasses share it, so they arrive as their base class. */
const kinds = new Map(VIEWS.slice(1).map(({ name }, index) => [`[object ${name}]`, index + 1]));

/** How a view is written: with its own bytes, or with its buffer. */
export const ALONE = 0;
const OF_BUFFER = 1;

/** Whether a small Buffer lies in the memory that Node shares among small Buffers. The rest of that memory is not sent. */
function isPooled(buffer: ArrayBufferLike, byteLength: number): boolean {
  return byteLength < buffer.byteLength && (buffer.byteLength === POOL_BYTES || buffer.byteLength === Buffer.poolSize);
}

/** The measured size of that memory. Where Node aligns it, it is larger than `Buffer.poolSize`. */
const POOL_BYTES = Buffer.from("a").buffer.byteLength;

/** Created with the first message that needs it, because node:v8 takes milliseconds to load. */
function makeSerializer() {
  const { DefaultSerializer } = process.getBuiltinModule("node:v8");
  return class MessageSerializer extends DefaultSerializer {
    /** Copies, so that later changes of the originals have no effect. */
    readonly attachments: Buffer[] = [];
    readonly #attached = new Set<ArrayBuffer>();

    /** V8 calls this for each view of a buffer, and for each object of Node's own. */
    _writeHostObject(object: object): void {
      const kind = Buffer.isBuffer(object) ? 0 : kinds.get(Object.prototype.toString.call(object));
      if (!ArrayBuffer.isView(object) || kind === undefined) throw new DOMException(`${Object.prototype.toString.call(object)} could not be cloned.`, "DataCloneError");
      const { buffer, byteOffset, byteLength } = object;
      if (types.isSharedArrayBuffer(buffer)) throw new RefusedValueError(object, THREAD_ONLY);
      this.writeUint32(kind);
      if (kind === 0 && isPooled(buffer, byteLength)) {
        this.writeUint32(ALONE);
        this.writeUint32(byteLength);
        this.writeRawBytes(object as Uint8Array);
        return;
      }
      this.writeUint32(OF_BUFFER);
      this.writeDouble(byteOffset);
      this.writeDouble(byteLength);
      this.#attach(buffer as ArrayBuffer);
      // V8 writes a buffer once: views of one buffer share it on arrival, as they do here.
      this.writeValue(buffer);
    }

    /** Makes V8 write a number in place of a large buffer. */
    #attach(buffer: ArrayBuffer): void {
      if (buffer.byteLength < ATTACH_FROM_BYTES || this.#attached.has(buffer) || (buffer as { resizable?: boolean }).resizable === true) return;
      this.transferArrayBuffer(this.attachments.length, buffer);
      this.#attached.add(buffer);
      this.attachments.push(ownCopy(Buffer.from(buffer)));
    }

    _getSharedArrayBufferId(shared: SharedArrayBuffer): never {
      throw new RefusedValueError(shared, THREAD_ONLY);
    }
  };
}

let MessageSerializer: ReturnType<typeof makeSerializer> | undefined;

/** A copy of the bytes in memory that nothing else uses. */
export function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** Writes a message whose arrays contain primitives only. @returns its end in `scratch`, or 0 if it contains another value */
function writePlain(message: Record<string, unknown>): number {
  let at = HEAD_BYTES;
  scratch[at++] = FORMAT;
  scratch[at++] = VERSION;
  scratch[at++] = OBJECT;
  let properties = 0;
  for (const key in message) {
    properties += 1;
    at = writePrimitive(key, at);
    const value = message[key];
    if (!Array.isArray(value)) {
      at = writePrimitive(value, at);
      if (at === 0) return 0;
      continue;
    }
    const { length } = value;
    scratch[at++] = ARRAY;
    at = writeVarint(length, at);
    for (let index = 0; index < length; index += 1) {
      at = writePrimitive(value[index], at);
      if (at === 0 || at > SCRATCH_BYTES - 2 * MOST_PRIMITIVE_BYTES) return 0;
    }
    scratch[at++] = ARRAY_END;
    scratch[at++] = 0;
    at = writeVarint(length, at);
  }
  scratch[at++] = OBJECT_END;
  return writeVarint(properties, at);
}

/** @returns the end of the value, or 0 if it is not a primitive, or a long one */
function writePrimitive(value: unknown, at: number): number {
  switch (typeof value) {
    case "number":
      if (value === (value | 0) && !Object.is(value, -0)) {
        scratch[at] = INT32;
        return writeVarint(((value << 1) ^ (value >> 31)) >>> 0, at + 1);
      }
      double[0] = value;
      scratch[at++] = DOUBLE;
      for (let byte = 0; byte < 8; byte += 1) scratch[at++] = doubleBytes[byte]!;
      return at;
    case "string":
      return writeString(value, at);
    case "undefined":
      scratch[at] = UNDEFINED;
      return at + 1;
    case "boolean":
      scratch[at] = value ? TRUE : FALSE;
      return at + 1;
    default:
      if (value !== null) return 0;
      scratch[at] = NULL;
      return at + 1;
  }
}

function writeString(text: string, at: number): number {
  const { length } = text;
  if (length > SHORT) return 0;
  const start = at;
  scratch[at++] = ONE_BYTE_STRING;
  at = writeVarint(length, at);
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0xff) return writeTwoByteString(text, start);
    scratch[at++] = code;
  }
  return at;
}

function writeTwoByteString(text: string, at: number): number {
  const bytes = text.length * 2;
  // V8 requires the characters at an even address. Their length takes one or two bytes.
  if (((at + 1 + (bytes > 0x7f ? 2 : 1)) & 1) === 1) scratch[at++] = 0;
  scratch[at++] = TWO_BYTE_STRING;
  at = writeVarint(bytes, at);
  return at + scratch.write(text, at, "utf16le");
}

function writeVarint(value: number, at: number): number {
  while (value > 0x7f) {
    scratch[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  scratch[at++] = value;
  return at;
}
