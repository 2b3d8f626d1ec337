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
import { type EncodedFrame, encodeMessage, isReused } from "./message-encoder.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";

/** Reads the messages of the other end. */
export function messageReader<Received extends ToWorker | FromWorker>(received: (message: Received) => void): FrameReader {
  return new FrameReader((body, attachments) => received(decodeMessage(body, attachments) as Received));
}

/** How long the last words of a process may take, while the other end reads what came before. */
const LAST_WORDS_MS = 1_000;

export class MessageWriter {
  readonly #socket: Socket;
  #lastWords = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws Error where the message cannot be cloned; nothing has been sent then */
  send(message: ToWorker | FromWorker): void {
    const frame = encodeMessage(message);
    if (!this.#socket.writable) return; // whoever waits for an answer learns of the end by the exit
    const [first] = frame;
    if (frame.length > 1) return this.#queue(frame);
    const written = this.#lastWords ? this.#writeAll(first) : this.#writeNow(first);
    if (written < first.length) this.#socket.write(isReused(first) ? Buffer.from(first.subarray(written)) : first.subarray(written));
  }

  /** The process exits: what is sent from now on cannot wait for its turn of the event loop. */
  exiting(): void {
    this.#lastWords = true;
  }

  #queue(frame: EncodedFrame): void {
    this.#socket.cork();
    for (const piece of frame) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #writeAll(bytes: Buffer): number {
    const until = performance.now() + LAST_WORDS_MS;
    let written = 0;
    while (written < bytes.length && this.#socket.writableLength === 0 && performance.now() < until) written += this.#writeNow(bytes.subarray(written));
    return written;
  }

  /** @returns how many bytes the system has taken */
  #writeNow(bytes: Buffer): number {
    // On Windows a write to the descriptor would wait until the other end has read.
    if (process.platform === "win32" || this.#socket.writableLength > 0) return 0;
    // Asked each time: once the socket is closed, the number may be another file's.
    const fd = (this.#socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd;
    if (fd === undefined || fd < 0) return 0;
    try {
      return writeSync(fd, bytes);
    } catch {
      return 0; // no room, or nobody there: the socket waits for the one, and tells of the other
    }
  }
}
