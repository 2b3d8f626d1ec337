// Messages over a socket, for either side of a line: a TCP connection, a Unix socket, a pipe. The creator
// of the socket owns it, and watches for its end.
//
//   message ─▶ message-writer.ts ─▶ [socket] ─▶ frame-reader.ts ─▶ the messages that have arrived ─▶ received
//
// A message may be handled during another one: a running call calls `poll` to detect its cancellation. So
// bytes are first turned into messages, which are then handed out in order.
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { refuseThreadOnly } from "../protocol/thread-only.js";
import { messageReader, MessageWriter } from "./message-writer.js";
import type { FrameReader } from "./frame-reader.js";

/** The number of bytes that one read takes. */
const POLL_BYTES = 64 * 1_024;

/**
 * The messages of one side of a line, as frames on a socket. Bytes that are not a frame of this package
 * destroy the socket with an error. Messages after the end of the socket are dropped.
 */
export class MessageSocket<Sent extends ToWorker | FromWorker, Received> {
  readonly #socket: Socket;
  readonly #received: (message: Received) => void;
  readonly #writer: MessageWriter;
  readonly #arrived: Received[] = [];
  readonly #reader: FrameReader;
  #scratch: Buffer | undefined;

  /**
   * @param received called with each message, in order; an error that it throws destroys the socket
   * @param mark how frames are marked; `undefined`: all alike, and there are no probes
   */
  constructor(socket: Socket, received: (message: Received) => void, mark?: "of the first frame") {
    this.#socket = socket;
    this.#received = received;
    this.#reader = messageReader<Received>((message) => this.#arrived.push(message), mark, mark === undefined ? undefined : () => this.#writer.probe());
    this.#writer = new MessageWriter(socket, mark === undefined ? undefined : () => this.#reader.firstMark);
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  /**
   * Sends a message. Its contents are copied by structured clone.
   * @param moved the objects that were marked to move: buffers are copied, others are refused
   * @throws Error the message cannot be cloned to another process; no part of it has been sent then
   */
  send(message: Sent, moved?: readonly unknown[]): void {
    refuseThreadOnly(message, moved);
    this.#writer.send(message);
  }

  /** Later messages are written at once, without waiting for the event loop. Call it in `process.on("exit")`. */
  exiting(): void {
    this.#writer.exiting();
  }

  /** Receives the messages that wait for a turn of the event loop. Does nothing on Windows, where a read would block. */
  poll(): void {
    this.#handOut();
    if (process.platform === "win32") return;
    this.#scratch ??= Buffer.allocUnsafeSlow(POLL_BYTES);
    for (;;) {
      const fd = (this.#socket as Socket & { _handle?: { fd?: number } | null })._handle?.fd;
      if (fd === undefined || fd < 0) return;
      let bytes: number;
      try {
        bytes = readSync(fd, this.#scratch);
      } catch {
        return; // nothing has arrived; or the socket is broken, and its events report it
      }
      if (bytes === 0) return;
      this.#take(this.#scratch.subarray(0, bytes));
      if (bytes < POLL_BYTES) return;
    }
  }

  #take(bytes: Buffer): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
    this.#handOut();
  }

  #handOut(): void {
    try {
      for (let next = this.#arrived.shift(); next !== undefined; next = this.#arrived.shift()) this.#received(next);
    } catch (error) {
      this.#arrived.length = 0;
      this.#socket.destroy(error as Error);
    }
  }
}
