// Writes messages to the other process through a stream socket, and creates the reader for the other
// direction. Both processes use this file.
//
//   message ─▶ message-encoder.ts ─▶ [socket] ─▶ frame-reader.ts ─▶ message-decoder.ts ─▶ message
//
// A message is encoded, or refused, before any byte of it is sent. If the kernel accepts all of a frame at
// once, the frame bypasses the socket's own queue, which costs more than the write.
import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import { now as realNow } from "../executor/real-time.js";
import { newProbe } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import { decodeMessage } from "./message-decoder.js";
import { type EncodedFrame, encodeMessage, isReused, type OtherMessage } from "./message-encoder.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";

/** Creates a reader of the other side's messages. */
export function messageReader<Received>(received: (message: Received) => void, mark?: number | "of the first frame", onProbe?: () => void): FrameReader {
  return new FrameReader((body, attachments) => received(decodeMessage(body, attachments) as Received), mark, onProbe);
}

/** Milliseconds in which an exiting process may write its last messages. A guess. */
const LAST_WORDS_MS = 1_000;

export class MessageWriter {
  readonly #socket: Socket;
  readonly #mark: () => number | undefined;
  /** The number of frames that have been sent. */
  #frames = 0;
  #lastWords = false;

  /** @param mark the mark of this socket's first frame; `undefined`: all frames have the same */
  constructor(socket: Socket, mark: () => number | undefined = () => undefined) {
    this.#socket = socket;
    this.#mark = mark;
  }

  /** @throws Error if the message cannot be cloned; no byte has been sent then */
  send(message: ToWorker | FromWorker | OtherMessage): void {
    const frame = encodeMessage(message);
    if (!this.#socket.writable) return; // the exit of the process settles the calls
    this.#write(frame);
  }

  /** Whether the kernel has all that was sent. */
  get flushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  /** Sends a frame without a body. */
  probe(): void {
    if (this.#socket.writable) this.#write([newProbe()]);
  }

  #write(frame: EncodedFrame): void {
    const [first] = frame;
    const mark = this.#mark();
    if (mark !== undefined) first.writeUInt32LE((mark + this.#frames++) >>> 0, 0);
    if (frame.length > 1) return this.#queue(frame);
    const written = this.#lastWords ? this.#writeAll(first) : this.#writeNow(first);
    if (written < first.length) this.#socket.write(isReused(first) ? Buffer.from(first.subarray(written)) : first.subarray(written));
  }

  /** The process is exiting: later messages cannot wait for a turn of the event loop. */
  exiting(): void {
    this.#lastWords = true;
  }

  #queue(frame: EncodedFrame): void {
    this.#socket.cork();
    for (const piece of frame) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #writeAll(bytes: Buffer): number {
    const until = realNow() + LAST_WORDS_MS;
    let written = 0;
    while (written < bytes.length && this.#socket.writableLength === 0 && realNow() < until) written += this.#writeNow(bytes.subarray(written));
    return written;
  }

  /** @returns the number of bytes that the kernel accepted */
  #writeNow(bytes: Buffer): number {
    // On Windows, a write to the descriptor blocks until the other side has read.
    if (process.platform === "win32" || this.#socket.writableLength > 0) return 0;
    // Read each time: after the socket is closed, the number may belong to another file.
    const fd = (this.#socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd;
    if (fd === undefined || fd < 0) return 0;
    try {
      return writeSync(fd, bytes);
    } catch {
      return 0; // no room, or no reader: the socket waits, or reports the error
    }
  }
}
