// Views of buffers arrive as structured clone gives them: with their offset, on one buffer where they shared one.
import { expect, it } from "vitest";
import { FrameReader } from "#workers/frames/frame-reader.js";
import { decodeMessage } from "#workers/frames/message-decoder.js";
import { encodeMessage, serialize } from "#workers/frames/message-encoder.js";

function across(value: unknown): any {
  let message: any;
  new FrameReader((body, attachments) => (message = decodeMessage(body, attachments))).push(Buffer.concat(encodeMessage({ type: "answerBack", id: 1, kind: 0, value })));
  return message.value;
}

it.each([100, 200_000])("keeps offsets and shared buffers of %i bytes", (bytes) => {
  const buffer = new ArrayBuffer(bytes);
  new Uint8Array(buffer).fill(7);
  const sent = { buffer, views: [new Uint8Array(buffer, 8, 16), new Float64Array(buffer, 16, 2), new DataView(buffer, 4), Buffer.from(buffer, 2, 3)], other: new Uint8Array(bytes) };
  const there = across(sent);
  expect(there.buffer.byteLength).toBe(bytes);
  for (const [index, view] of there.views.entries()) {
    expect(view.buffer).toBe(there.buffer);
    expect([view.byteOffset, view.byteLength, view.constructor]).toEqual([sent.views[index]!.byteOffset, sent.views[index]!.byteLength, sent.views[index]!.constructor]);
  }
  there.views[0][0] = 99;
  expect(new Uint8Array(there.buffer)[8]).toBe(99);
  expect(there.other.buffer).not.toBe(there.buffer);
});

it("sends a large buffer once, however many views it has", () => {
  const buffer = new ArrayBuffer(200_000);
  // The body, the length of the attachment, and the attachment.
  expect(encodeMessage({ type: "answerBack", id: 1, kind: 0, value: [new Uint8Array(buffer), new DataView(buffer), buffer] })).toHaveLength(3);
});

it("keeps a view that comes before its buffer, beside objects that are no plain data", () => {
  const buffer = new ArrayBuffer(10);
  const there = across([new Uint8Array(buffer, 2), new Map([[1, buffer]]), new Date(0)]);
  expect(there[0].buffer).toBe(there[1].get(1));
  expect(there[0].byteOffset).toBe(2);
});

it("sends a small Buffer without the memory that it shares with others", () => {
  const pooled = Buffer.from("abc");
  expect(pooled.buffer.byteLength).toBeGreaterThan(3);
  expect(across({ pooled }).pooled).toEqual(pooled);
  expect(across({ pooled }).pooled.buffer.byteLength).toBe(3);
});

it.each<[string, (buffer: ArrayBuffer) => unknown]>([
  ["a typed array", (buffer) => new Uint8Array(buffer)],
  ["a DataView", (buffer) => new DataView(buffer)],
  ["a Buffer", (buffer) => Buffer.from(buffer)],
  ["a buffer", (buffer) => buffer],
])("refuses %s whose memory has moved away", (_what, viewOf) => {
  const buffer = new ArrayBuffer(8);
  const view = viewOf(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  expect(() => across({ view })).toThrow(/detached/);
});

it("refuses a message that is larger than its reader takes", () => {
  expect(() => serialize({ text: "x".repeat(1_000) }, 500)).toThrow(/1\d\d\d bytes, and a message between processes can have 500 at most/);
  expect(() => serialize({ large: new Uint8Array(100_000) }, 50_000)).toThrow(/100\d\d\d bytes/);
  expect(serialize({ text: "x".repeat(100) }, 500)).toHaveLength(1);
});
