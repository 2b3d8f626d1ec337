// The frame of a message between processes: how messages are separated on a stream of bytes.
//
//   process/process-worker.ts ── frames ──▶ entry/process.ts    message-encoder.ts ─▶ message-writer.ts
//                             ◀── frames ──                     frame-reader.ts ─▶ message-decoder.ts
//
//   │ mark 4 │ body length 4 │ attachments 4 │ body │ length 8, for each attachment │ attachments, one after the other
//
// The body is the message in V8's structured-clone format. An attachment holds the bytes of a large buffer,
// which the reader receives directly into the memory where they stay.
//
// On the socket of a child process, the mark of each frame is one more than that of the frame before it. A frame without
// a body is a probe, which the child answers by one. So a child from whose socket a task has read notices that bytes are
// missing: by the mark of the next frame, or by a probe that arrives inside of another frame.

/** The descriptor of the socket in a child process. */
export const SOCKET_FD = 3;

/** The first bytes of a frame. Bytes of other code on the socket do not begin with them, except by malice. */
export const FRAME_MARK = 0x6f66_6c31;

/** The length of a frame's head: the mark and two lengths. */
export const HEAD_BYTES = 12;

/** The number of bytes for the length of an attachment. */
export const LENGTH_BYTES = 8;

/** A larger body, or a larger number of attachments, is not a frame: V8 creates no larger buffer. */
export const MOST_BODY_BYTES = 2 ** 31;

/** A buffer below this size is part of the body, because reading it separately costs more than copying it. */
export const ATTACH_FROM_BYTES = 64 * 1_024;

/** The mark of the frame after that with the mark `mark`. */
export const markAfter = (mark: number): number => (mark + 1) >>> 0;

/**
 * The mark of the first frame on one socket, which other code that writes to its descriptor does not know. The side that makes the
 * socket chooses it. The other side takes the mark of the first frame that arrives.
 */
export function newMark(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/** Writes a frame's head into the first bytes of `frame`. */
export function writeHead(frame: Buffer, bodyBytes: number, attachments: number): void {
  frame.writeUInt32LE(FRAME_MARK, 0);
  frame.writeUInt32LE(bodyBytes, 4);
  frame.writeUInt32LE(attachments, 8);
}

/** A frame without a body. */
export function newProbe(): Buffer {
  const frame = Buffer.alloc(HEAD_BYTES);
  writeHead(frame, 0, 0);
  return frame;
}
