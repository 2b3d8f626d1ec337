// The frame of a message between processes: how one is told from the next on a stream of bytes.
//
//   process/process-worker.ts ── frames ──▶ entry/process.ts    message-encoder.ts ─▶ frame-writer.ts
//                             ◀── frames ──                     frame-reader.ts ─▶ message-decoder.ts
//
//   │ mark 4 │ body length 4 │ attachments 4 │ body │ length 8, for each attachment │ attachments, one after the other
//
// The body is the message in V8's format of a structured clone; an attachment is the bytes of a large
// buffer in it, which its reader receives straight into the memory where it stays.

/** What a frame begins with: bytes that are none of ours do not, except by malice. */
export const FRAME_MARK = 0x6f66_6c31;

export const HEAD_BYTES = 12;

/** What the length of an attachment takes. */
export const LENGTH_BYTES = 8;

/** A body or a number of attachments above this is no frame of ours: V8 makes no larger buffer in one piece. */
export const MOST_BODY_BYTES = 2 ** 31;

/** A buffer of less bytes is part of the body: to read it apart would cost more than to copy it. */
export const ATTACH_FROM_BYTES = 64 * 1_024;

/** Writes a frame's head into the first bytes of `frame`. */
export function writeHead(frame: Buffer, bodyBytes: number, attachments: number): void {
  frame.writeUInt32LE(FRAME_MARK, 0);
  frame.writeUInt32LE(bodyBytes, 4);
  frame.writeUInt32LE(attachments, 8);
}
