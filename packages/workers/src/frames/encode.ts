// One value as one block of bytes, for transports of blocks: a message broker, a file. The block is the
// frame of frame.ts, so large buffers are copied once, and views of them arrive aligned.
import { FrameReader } from "./frame-reader.js";
import { decodeMessage } from "./message-decoder.js";
import { serialize } from "./message-encoder.js";

/**
 * A value as bytes: a structured clone in V8's format. Both sides must run Node.js on machines of the same
 * byte order.
 * @throws Error the value, or a part of it, cannot be cloned to another process: functions, ports, shared memory
 */
export function encode(value: unknown): Buffer {
  const frame = serialize(value);
  return frame.length === 1 ? frame[0] : Buffer.concat(frame);
}

/**
 * The value that `encode` turned into bytes. V8's format executes no code. Foreign bytes can still fill the
 * memory, so verify their sender first.
 * @throws Error the bytes are not a block, or not a whole one
 */
export function decode(bytes: Uint8Array): unknown {
  let found: { readonly value: unknown } | undefined;
  const reader = new FrameReader((body, attachments) => {
    if (found !== undefined) throw new Error("The bytes hold more than one value. Pass decode() the bytes of one encode().");
    found = { value: decodeMessage(body, attachments) };
  });
  reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (found === undefined) throw new Error(`The ${bytes.length} bytes are cut off. Pass decode() all bytes of one encode().`);
  return found.value;
}
