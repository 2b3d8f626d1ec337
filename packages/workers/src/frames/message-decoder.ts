// Turns the body of a frame into its message. This file reads objects, arrays and primitives, of which most
// messages consist. For tables of records it takes half the time of V8's deserializer, which looks up each
// key again. If a body contains anything else, V8 reads all of it. message-encoder.ts is the counterpart.
import {
  ARRAY,
  ARRAY_BUFFER,
  ARRAY_BUFFER_TRANSFER,
  ARRAY_END,
  DOUBLE,
  FALSE,
  FORMAT,
  HOST_OBJECT,
  INT32,
  NULL,
  OBJECT,
  OBJECT_END,
  ONE_BYTE_STRING,
  PADDING,
  REFERENCE,
  TRUE,
  TWO_BYTE_STRING,
  UINT32,
  UNDEFINED,
  VERSION,
} from "./clone-format.js";
import { ALONE, ownCopy, VIEWS } from "./message-encoder.js";

/** Strings up to this length are kept, because they may come again. A lookup is cheaper than a new string. */
const KEPT_LENGTH = 11;
const KEPT = 1_024;

/** The number of keys that are kept by position. At this number all are dropped, because keys may be data. */
const MOST_PATHS = 4_096;

/** A longer key is treated as data. */
const LONGEST_KEY = 64;

/** @param body not used after the return; @param attachments become part of the message */
export function decodeMessage(body: Buffer, attachments: readonly Buffer[]): unknown {
  if (body[0] === FORMAT && body[1] === VERSION) {
    try {
      return new PlainReader(body, attachments).message();
    } catch {
      // The partial result is dropped. V8 reads the body from its start, and its errors are reported.
    }
  }
  MessageDeserializer ??= makeDeserializer();
  const deserializer = new MessageDeserializer(body);
  attachments.forEach((attachment, number) => deserializer.transferArrayBuffer(number, attachment.buffer as ArrayBuffer));
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Created with the first message that needs it, because node:v8 takes milliseconds to load. */
function makeDeserializer() {
  const { Deserializer } = process.getBuiltinModule("node:v8");
  return class MessageDeserializer extends Deserializer {
    _readHostObject(): unknown {
      const kind = this.readUint32();
      if (this.readUint32() === ALONE) return ownCopy(this.readRawBytes(this.readUint32()));
      const byteOffset = this.readDouble();
      const byteLength = this.readDouble();
      return viewOf(kind, this.readValue(), byteOffset, byteLength);
    }
  };
}

let MessageDeserializer: ReturnType<typeof makeDeserializer> | undefined;

function viewOf(kind: number, buffer: unknown, byteOffset: number, byteLength: number): ArrayBufferView {
  if (!(buffer instanceof ArrayBuffer)) throw unexpected;
  if (kind === 0) return Buffer.from(buffer, byteOffset, byteLength);
  const constructor = VIEWS[kind]!;
  return new constructor(buffer, byteOffset, byteLength / (constructor.BYTES_PER_ELEMENT ?? 1));
}

/** A key at its position: objects of the same kind have had the same keys before it. */
class KeyPath {
  readonly key: string;
  /** The key as it is written, with tag and length. */
  readonly bytes: Uint8Array;
  /** The key that last followed it. */
  next: KeyPath | undefined;
  readonly #after = new Map<string, KeyPath>();

  constructor(key: string, bytes: Uint8Array) {
    this.key = key;
    this.bytes = bytes;
  }

  follow(key: string, bytes: Uint8Array): KeyPath {
    let path = this.#after.get(key);
    if (path === undefined) {
      if (++paths > MOST_PATHS) {
        paths = 0;
        firstKey = new KeyPath("", new Uint8Array());
      }
      path = new KeyPath(key, Uint8Array.from(bytes));
      this.#after.set(key, path);
    }
    this.next = path;
    return path;
  }
}

let paths = 0;
let firstKey = new KeyPath("", new Uint8Array());
const kept: string[] = Array.from({ length: KEPT }, () => "");
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
const unexpected = new Error("the body contains other values than objects, arrays and primitives");
unexpected.stack = ""; // its frames would keep the task alive that loaded this module

class PlainReader {
  readonly #bytes: Buffer;
  readonly #attachments: readonly Buffer[];
  #at = 2;
  /** The objects read so far, by number. */
  readonly #objects: unknown[] = [];

  constructor(bytes: Buffer, attachments: readonly Buffer[]) {
    this.#bytes = bytes;
    this.#attachments = attachments;
  }

  /** @throws any value: V8 must read the body */
  message(): unknown {
    const message = this.#value();
    if (this.#at !== this.#bytes.length) throw unexpected;
    return message;
  }

  #value(): unknown {
    for (;;) {
      switch (this.#bytes[this.#at++]) {
        case INT32: {
          const bits = this.#varint();
          return (bits >>> 1) ^ -(bits & 1);
        }
        case ONE_BYTE_STRING:
          return this.#oneByteString(this.#varint());
        case DOUBLE:
          return this.#double();
        case OBJECT:
          return this.#object();
        case ARRAY:
          return this.#array();
        case UNDEFINED:
          return undefined;
        case NULL:
          return null;
        case TRUE:
          return true;
        case FALSE:
          return false;
        case UINT32:
          return this.#varint();
        case TWO_BYTE_STRING: {
          const length = this.#varint();
          if ((length & 1) === 1) throw unexpected;
          return this.#bytes.toString("utf16le", this.#at, (this.#at += length));
        }
        case REFERENCE: {
          const number = this.#varint();
          if (number >= this.#objects.length) throw unexpected;
          return this.#objects[number];
        }
        case HOST_OBJECT:
          return this.#view();
        case ARRAY_BUFFER: {
          const length = this.#varint();
          const { buffer } = ownCopy(this.#bytes.subarray(this.#at, (this.#at += length)));
          this.#objects.push(buffer);
          return buffer;
        }
        case ARRAY_BUFFER_TRANSFER: {
          const { buffer } = this.#attachments[this.#varint()]!;
          this.#objects.push(buffer);
          return buffer;
        }
        case PADDING:
          continue;
        default:
          throw unexpected;
      }
    }
  }

  #object(): object {
    const object: Record<string | number, unknown> = {};
    this.#objects.push(object);
    const bytes = this.#bytes;
    let path = firstKey;
    let properties = 0;
    for (;; properties += 1) {
      const at = this.#at;
      if (bytes[at] === OBJECT_END) break;
      const { next } = path;
      if (next !== undefined && matches(bytes, at, next.bytes)) {
        this.#at = at + next.bytes.length;
        object[next.key] = this.#value();
        path = next;
        continue;
      }
      const key = this.#value();
      if (typeof key === "string") {
        if (key === "__proto__") throw unexpected; // an assignment would set the prototype
        if (key.length <= LONGEST_KEY) path = path.follow(key, bytes.subarray(at, this.#at));
      } else if (typeof key !== "number") throw unexpected;
      object[key] = this.#value();
    }
    this.#at += 1;
    if (this.#varint() !== properties) throw unexpected;
    return object;
  }

  #array(): unknown[] {
    const length = this.#varint();
    const array: unknown[] = [];
    this.#objects.push(array);
    for (let index = 0; index < length; index += 1) array.push(this.#value());
    if (this.#bytes[this.#at++] !== ARRAY_END || this.#varint() !== 0 || this.#varint() !== length) throw unexpected;
    return array;
  }

  #view(): ArrayBufferView {
    const number = this.#objects.push(undefined) - 1;
    const kind = this.#varint();
    let view: ArrayBufferView;
    if (this.#varint() === ALONE) {
      const length = this.#varint();
      view = ownCopy(this.#bytes.subarray(this.#at, (this.#at += length)));
    } else {
      const byteOffset = this.#double();
      const byteLength = this.#double();
      view = viewOf(kind, this.#value(), byteOffset, byteLength);
    }
    this.#objects[number] = view;
    return view;
  }

  #double(): number {
    for (let byte = 0; byte < 8; byte += 1) doubleBytes[byte] = this.#bytes[this.#at++]!;
    return double[0]!;
  }

  #oneByteString(length: number): string {
    const bytes = this.#bytes;
    const start = this.#at;
    this.#at = start + length;
    if (length > KEPT_LENGTH) return bytes.toString("latin1", start, this.#at);
    let hash = length;
    for (let at = start; at < start + length; at += 1) hash = (hash * 31 + bytes[at]!) | 0;
    const place = hash & (KEPT - 1);
    const candidate = kept[place]!;
    if (candidate.length === length) {
      let index = 0;
      while (index < length && candidate.charCodeAt(index) === bytes[start + index]) index += 1;
      if (index === length) return candidate;
    }
    return (kept[place] = bytes.toString("latin1", start, this.#at));
  }

  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; ; factor *= 0x80) {
      if (this.#at >= bytes.length) throw unexpected;
      byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (value > 0xffff_ffff) throw unexpected; // V8 never writes such a number, and reads it modulo 2^32
      if (byte < 0x80) return value;
    }
  }
}

function matches(bytes: Buffer, at: number, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index += 1) if (bytes[at + index] !== expected[index]) return false;
  return true;
}
