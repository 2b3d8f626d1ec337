// One end of the channel between two processes, outwards: messages into a stream socket. What comes in
// goes through a reader of messages, below. Both ends are alike.
//
//   message ─▶ message-encoder.ts ─▶ [socket] ─▶ frame-reader.ts ─▶ message-decoder.ts ─▶ message
//
// A message is encoded, or refused, before anything of it is sent. Where the system takes all of a frame
// at once, it goes past the socket's own machinery, which costs more than the write itself.
import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import { FrameReader } from "./frame-reader.js";
import { decodeMessage } from "./message-decoder.js";
import { type EncodedFrame, encodeMessage } from "./message-encoder.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";

/** Reads the messages of the other end. */
export function messageReader<Received extends ToWorker | FromWorker>(received: (message: Received) => void): FrameReader {
  return new FrameReader((body, attachments) => received(decodeMessage(body, attachments) as Received));
}

export class MessageWriter {
  readonly #socket: Socket;
  readonly #fd: number | undefined;

  /** @param fd the socket's descriptor, where a write to it does not wait */
  constructor(socket: Socket, fd: number | undefined) {
    this.#socket = socket;
    this.#fd = fd;
  }

  /** @throws Error where the message cannot be cloned; nothing has been sent then */
  send(message: ToWorker | FromWorker): void {
    const frame = encodeMessage(message);
    if (!this.#socket.writable) return; // whoever waits for an answer learns of the end by the exit
    const [first] = frame;
    if (frame.length > 1) return this.#queue(frame);
    const written = this.#writeNow(first);
    if (written < first.length) this.#socket.write(Uint8Array.prototype.slice.call(first, written));
  }

  #queue(frame: EncodedFrame): void {
    this.#socket.cork();
    for (const piece of frame) this.#socket.write(piece);
    this.#socket.uncork();
  }

  /** @returns how many bytes the system has taken */
  #writeNow(bytes: Buffer): number {
    if (this.#fd === undefined || this.#socket.writableLength > 0) return 0;
    try {
      return writeSync(this.#fd, bytes);
    } catch {
      return 0; // no room, or nobody there: the socket waits for the one, and tells of the other
    }
  }
}
