// Splits the bytes of the other process into frames. A frame that is complete in the read buffer is handed
// out in place. Other frames are gathered in their own memory, and attachments are read directly to where
// they stay. message-encoder.ts is the counterpart; frame.ts draws a frame.
import { FRAME_MARK, HEAD_BYTES, LENGTH_BYTES, markAfter, MOST_BODY_BYTES } from "./frame.js";

/** The size of the read buffer, in bytes: most frames fit. */
const SCRATCH_BYTES = 64 * 1_024;

/** A probe is fewer frames ahead of the frame inside of which it arrives. A guess: a socket holds some 200 KB, and the smallest frames have 20 bytes. */
const MOST_AHEAD = 100_000;

/** @param body valid until the handler returns; @param attachments owned by the handler */
type FrameHandler = (body: Buffer, attachments: readonly Buffer[]) => void;

export class FrameReader {
  readonly #onFrame: FrameHandler;
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #head = Buffer.alloc(HEAD_BYTES);
  /** The part that is being gathered: the head; the body with the lengths behind it; or an attachment. */
  #part: Buffer = this.#head;
  #filled = 0;
  #body: Buffer | undefined;
  #bodyBytes = 0;
  #lengths: number[] = [];
  #attachments: Buffer[] = [];

  /** Whether each frame has a mark of its own. */
  readonly #counts: boolean;
  /** The mark of the next frame. */
  #mark: number | undefined;
  #firstMark: number | undefined;
  readonly #onProbe: (() => void) | undefined;

  /**
   * @param mark the mark of the first frame, from which those of the later ones follow; `undefined`: the same for all frames
   * @param onProbe called with each probe; `undefined`: there are none
   */
  constructor(onFrame: FrameHandler, mark?: number | "of the first frame", onProbe?: () => void) {
    this.#onFrame = onFrame;
    this.#onProbe = onProbe;
    this.#counts = mark !== undefined;
    this.#mark = mark === "of the first frame" ? undefined : (mark ?? FRAME_MARK);
  }

  /** The mark of the first frame; `undefined` until it has arrived. */
  get firstMark(): number | undefined {
    return this.#firstMark;
  }

  /** The memory for the next bytes. */
  space(): Uint8Array {
    const missing = this.#part.length - this.#filled;
    return missing >= SCRATCH_BYTES ? this.#part.subarray(this.#filled) : this.#scratch;
  }

  /** `bytes` bytes have been read to `space()`. @throws Error the bytes are not a frame */
  filled(bytes: number): void {
    if (this.#part.length - this.#filled < SCRATCH_BYTES) return this.push(this.#scratch.subarray(0, bytes));
    if (bytes === HEAD_BYTES) this.#refuseProbe(this.#part.subarray(this.#filled, this.#filled + bytes));
    this.#advance(bytes);
  }

  /** These bytes have arrived. @throws Error they are not a frame */
  push(chunk: Buffer): void {
    let at = 0;
    if (chunk.length === HEAD_BYTES && (this.#filled > 0 || this.#part !== this.#head)) this.#refuseProbe(chunk);
    while (at < chunk.length) {
      if (this.#filled === 0 && this.#part === this.#head) {
        const end = this.#whole(chunk, at);
        if (end > at) {
          at = end;
          continue;
        }
      }
      const bytes = Math.min(chunk.length - at, this.#part.length - this.#filled);
      chunk.copy(this.#part, this.#filled, at, at + bytes);
      at += bytes;
      this.#advance(bytes);
    }
  }

  /** Hands out the frame that begins at `at`, if it is complete. @returns its end, or `at` */
  #whole(chunk: Buffer, at: number): number {
    if (chunk.length - at < HEAD_BYTES) return at;
    this.#checkMark(chunk, at);
    const end = at + HEAD_BYTES + chunk.readUInt32LE(at + 4);
    if (end > chunk.length || end === at + HEAD_BYTES || chunk.readUInt32LE(at + 8) > 0) return at;
    this.#countFrame();
    this.#onFrame(chunk.subarray(at + HEAD_BYTES, end), []);
    return end;
  }

  #advance(bytes: number): void {
    this.#filled += bytes;
    while (this.#filled === this.#part.length) {
      this.#filled = 0;
      if (this.#part === this.#head) this.#headRead();
      else if (this.#body === undefined) this.#bodyRead(this.#part);
      else this.#attachments.push(this.#part);
      if (this.#body === undefined) return;
      const next = this.#lengths[this.#attachments.length];
      if (next === undefined) return this.#frameRead(this.#body);
      this.#part = Buffer.allocUnsafeSlow(next);
    }
  }

  #headRead(): void {
    this.#checkMark(this.#head, 0);
    this.#bodyBytes = this.#head.readUInt32LE(4);
    const attachments = this.#head.readUInt32LE(8);
    if (this.#bodyBytes === 0 && attachments === 0 && this.#onProbe !== undefined) {
      this.#countFrame();
      return this.#onProbe();
    }
    if (this.#bodyBytes === 0 || this.#bodyBytes > MOST_BODY_BYTES || attachments > MOST_BODY_BYTES) throw noFrame();
    this.#part = Buffer.allocUnsafeSlow(this.#bodyBytes + attachments * LENGTH_BYTES);
  }

  #bodyRead(part: Buffer): void {
    this.#body = part.subarray(0, this.#bodyBytes);
    for (let at = this.#bodyBytes; at < part.length; at += LENGTH_BYTES) this.#lengths.push(part.readDoubleLE(at));
  }

  #frameRead(body: Buffer): void {
    const attachments = this.#attachments;
    this.#part = this.#head;
    this.#body = undefined;
    this.#lengths = [];
    this.#attachments = [];
    this.#countFrame();
    this.#onFrame(body, attachments);
  }

  #checkMark(bytes: Buffer, at: number): void {
    const mark = bytes.readUInt32LE(at);
    this.#mark ??= mark;
    if (mark !== this.#mark) throw noFrame();
  }

  #countFrame(): void {
    this.#firstMark ??= this.#mark;
    if (this.#counts) this.#mark = markAfter(this.#mark!);
  }

  /**
   * The other side sends a probe when all that it has sent before is on its way. A probe cannot arrive inside of a frame,
   * unless bytes of that frame are missing.
   */
  #refuseProbe(bytes: Uint8Array): void {
    const { buffer, byteOffset } = bytes;
    const view = new DataView(buffer, byteOffset, HEAD_BYTES);
    const ahead = (view.getUint32(0, true) - this.#mark!) >>> 0;
    if (this.#counts && ahead > 0 && ahead < MOST_AHEAD && view.getUint32(4, true) === 0 && view.getUint32(8, true) === 0) throw noFrame();
  }
}

function noFrame(): Error {
  return new Error("The other process sent bytes that are no message: other code writes to the connection, or reads from it. Use only file descriptors that your code has opened, and stdout and stderr.");
}
