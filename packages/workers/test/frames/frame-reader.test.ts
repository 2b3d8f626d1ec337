// Frames arrive as they were sent, wherever the stream of bytes is split.
import { serialize } from "node:v8";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameReader } from "#workers/frames/frame-reader.js";
import { newProbe } from "#workers/frames/frame.js";
import { decodeMessage } from "#workers/frames/message-decoder.js";
import { encodeMessage } from "#workers/frames/message-encoder.js";

const values = [1, { name: "some", list: [1, 2, 3] }, "text".repeat(50), { large: new Uint8Array(70_000).fill(3), larger: new Float64Array(20_000).fill(0.5) }, [], null];
const messages = values.map((value, id) => ({ type: "answerBack" as const, id, kind: 0 as const, value }));
const frames = messages.map((message) => Buffer.concat(encodeMessage(message)));
const stream = Buffer.concat(frames);

function collect(): { reader: FrameReader; received: unknown[] } {
  const received: unknown[] = [];
  return { reader: new FrameReader((body, attachments) => received.push(decodeMessage(body, attachments))), received };
}

/** Compares by bytes: to walk large buffers as vitest does takes minutes. */
function expectMessages(received: unknown, sent: unknown): void {
  expect(Buffer.compare(serialize(received), serialize(sent))).toBe(0);
}

/** Reads as a socket with a given buffer does: as many bytes as have arrived and fit. */
function readInto(reader: FrameReader, bytes: Buffer, most: number): void {
  for (let at = 0; at < bytes.length; ) {
    const space = reader.space();
    const read = Math.min(space.length, most, bytes.length - at);
    space.set(bytes.subarray(at, at + read));
    reader.filled(read);
    at += read;
  }
}

it("reads several frames from one chunk", () => {
  const { reader, received } = collect();
  reader.push(stream);
  expectMessages(received, messages);
});

it("reads frames that are cut in two at any byte", () => {
  const small = Buffer.concat(frames.slice(0, 3));
  for (let cut = 0; cut <= small.length; cut += 1) {
    const { reader, received } = collect();
    reader.push(small.subarray(0, cut));
    reader.push(small.subarray(cut));
    expectMessages(received, messages.slice(0, 3));
  }
});

it.each([1, 7, 4_096, 65_536, 1_000_000])("reads frames from chunks of %i bytes, pushed and read into its own memory", (size) => {
  const pushed = collect();
  for (let at = 0; at < stream.length; at += size) pushed.reader.push(stream.subarray(at, at + size));
  expectMessages(pushed.received, messages);
  const read = collect();
  readInto(read.reader, stream, size);
  expectMessages(read.received, messages);
});

it("reads frames cut at random places", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1 }), (sizes) => {
      const { reader, received } = collect();
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const end = at + sizes[turn % sizes.length]!;
        reader.push(stream.subarray(at, end));
        at = end;
      }
      expectMessages(received, messages);
    }),
    { numRuns: 50 },
  );
});

it("reads a huge buffer directly into its final memory", () => {
  const bytes = new Uint8Array(3 * 2 ** 20).map((_, index) => index);
  const message = { type: "answerBack" as const, id: 1, kind: 0 as const, value: bytes };
  const { reader, received } = collect();
  let largest = 0;
  const frame = Buffer.concat(encodeMessage(message));
  for (let at = 0; at < frame.length; ) {
    const space = reader.space();
    largest = Math.max(largest, space.length);
    const read = Math.min(space.length, 200_000, frame.length - at);
    space.set(frame.subarray(at, at + read));
    reader.filled(read);
    at += read;
  }
  expect(Buffer.compare((received[0] as typeof message).value, bytes)).toBe(0);
  expect(largest).toBeGreaterThan(bytes.length - 200_000);
});

it("gives no message before its frame is complete", () => {
  const { reader, received } = collect();
  for (const frame of frames) {
    const before = received.length;
    reader.push(frame.subarray(0, -1));
    expect(received).toHaveLength(before);
    reader.push(frame.subarray(-1));
    expect(received).toHaveLength(before + 1);
  }
});

it.each([
  ["text", Buffer.from("a line that somebody printed\n")],
  ["a frame without a body", Buffer.from([0x31, 0x6c, 0x66, 0x6f, 0, 0, 0, 0, 1, 0, 0, 0])],
  ["a frame too large to be one", Buffer.from([0x31, 0x6c, 0x66, 0x6f, 255, 255, 255, 255, 0, 0, 0, 0])],
])("refuses %s", (_what, bytes) => {
  const { reader, received } = collect();
  reader.push(frames[0]!);
  expect(() => reader.push(bytes)).toThrow(/bytes that are no message/);
  expect(() => collect().reader.push(bytes.subarray(0, 5))).not.toThrow();
  expect(received).toHaveLength(1);
});

/** The frames as a socket with marks of its own has them, from `first` on, with a probe behind the last one. */
function marked(first: number): Buffer[] {
  const sent = [...frames.map((frame) => Buffer.from(frame)), newProbe()];
  for (const [index, frame] of sent.entries()) frame.writeUInt32LE((first + index) >>> 0, 0);
  return sent;
}

function readMarked(chunks: readonly Buffer[], mark: number | "of the first frame"): { received: unknown[]; probes: number; failed: boolean; firstMark: number | undefined } {
  const received: unknown[] = [];
  let probes = 0;
  const reader = new FrameReader((body, attachments) => received.push(decodeMessage(body, attachments)), mark, () => (probes += 1));
  try {
    for (const chunk of chunks) reader.push(chunk);
  } catch {
    return { received, probes, failed: true, firstMark: reader.firstMark };
  }
  return { received, probes, failed: false, firstMark: reader.firstMark };
}

it.each([0, 7, 2 ** 32 - 3])("reads frames whose marks count from %i, and a probe", (first) => {
  for (const mark of [first, "of the first frame"] as const) {
    for (const chunks of [marked(first), [Buffer.concat(marked(first))]]) {
      const { received, ...rest } = readMarked(chunks, mark);
      expect(rest).toEqual({ probes: 1, failed: false, firstMark: first });
      expectMessages(received, messages);
    }
  }
});

it("refuses what follows frames that are missing, also if it is the probe", () => {
  const all = marked(5);
  for (let from = 1; from < frames.length; from += 1) {
    for (let to = from + 1; to <= frames.length; to += 1) {
      const { received, failed } = readMarked([...all.slice(0, from), ...all.slice(to)], 5);
      expect(failed, `${from} to ${to}`).toBe(true);
      expectMessages(received, messages.slice(0, from));
    }
  }
});

it("refuses what follows bytes that are missing, as soon as a probe arrives", () => {
  const all = marked(5);
  const large = all[3]!; // it has attachments
  const probe = newProbe();
  probe.writeUInt32LE(6, 0);
  for (const missing of [1, 12, 100, 70_000]) {
    for (const at of [12, 13, 500, large.length - missing]) {
      const cut = Buffer.concat([large.subarray(0, at), large.subarray(at + missing)]);
      cut.writeUInt32LE(5, 0);
      expect(readMarked([cut.subarray(0, at), cut.subarray(at), probe], 5).failed, `${missing} bytes at ${at}`).toBe(true);
      const reader = new FrameReader(() => {}, 5, () => {});
      expect(() => {
        for (const chunk of [cut, probe]) readInto(reader, chunk, 65_536);
      }).toThrow();
    }
  }
});

it("refuses a probe on a socket that has none", () => {
  expect(() => collect().reader.push(newProbe())).toThrow("bytes that are no message");
});
