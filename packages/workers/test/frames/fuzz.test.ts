// Damaged bytes at both ends of the socket. A reader throws an Error or gives messages. A pool whose child writes
// garbage settles each call and continues. OFFLOOP_FUZZ_SEED repeats a run; the seed is printed.
import { deserialize } from "node:v8";
import fc from "fast-check";
import { ProcessPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";
import { FrameReader } from "#workers/frames/frame-reader.js";
import { decodeMessage } from "#workers/frames/message-decoder.js";
import { encodeMessage } from "#workers/frames/message-encoder.js";
import * as calls from "../fixtures/calls.mjs";
import { writesToSocket } from "../fixtures/writes-to-socket.mjs";

const seed = Number(process.env.OFFLOOP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`frame fuzz: OFFLOOP_FUZZ_SEED=${seed}`);

/** A frame as it goes into the socket. */
const frame = fc
  .oneof(
    fc.record({ type: fc.constant("settled" as const), outcomes: fc.array(fc.anything(), { maxLength: 9 }) }),
    fc.record({ type: fc.constant("run" as const), calls: fc.array(fc.oneof(fc.integer(), fc.string(), fc.double()), { maxLength: 12 }) }),
    fc.record({ type: fc.constant("answerBack" as const), id: fc.nat(), kind: fc.constant(0 as const), value: fc.oneof(fc.anything(), fc.uint8Array({ maxLength: 100 }), fc.float64Array({ maxLength: 20 })) }),
  )
  .map((message) => {
    try {
      return Buffer.concat(encodeMessage(message));
    } catch {
      return Buffer.concat(encodeMessage({ type: "worn" }));
    }
  });

/** Damages bytes: changes, removes, inserts or repeats some. */
const damage = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), how: fc.constantFrom("change", "cut", "insert", "repeat"), byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 });

function damaged(bytes: Buffer, steps: readonly { at: number; how: string; byte: number }[]): Buffer {
  let result = Buffer.from(bytes);
  for (const { at, how, byte } of steps) {
    const place = Math.floor(at * result.length);
    // The lengths of a head stay small: an allocation of gigabytes says nothing about the reader.
    if (how === "change" && place % 12 > 3) result[place] = byte;
    else if (how === "cut") result = result.subarray(0, place);
    else if (how === "insert") result = Buffer.concat([result.subarray(0, place), Buffer.from([byte]), result.subarray(place)]);
    else if (how === "repeat") result = Buffer.concat([result, result.subarray(place)]);
  }
  return result;
}

it("reads messages or throws an Error, for any bytes", () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 3 }), damage, fc.integer({ min: 1, max: 64 }), (frames, steps, piece) => {
      const bytes = damaged(Buffer.concat(frames), steps);
      const reader = new FrameReader((body, attachments) => decodeMessage(body, attachments));
      try {
        for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { seed, interruptAfterTimeLimit: 10_000, numRuns: 3_000 },
  );
}, 60_000);

it.each<[string, readonly number[]]>([
  ["an object with fewer properties than it says", [0x6f, 0x7b, 1]],
  ["a string with half a character", [0x63, 3, 65, 0, 66]],
  ["an array that is cut off", [0x41, 2, 0x49, 2]],
])("refuses %s", (_what, bytes) => {
  expect(() => decodeMessage(Buffer.from([0xff, 15, ...bytes]), [])).toThrow();
});

it("reads what V8 reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      const body = Buffer.concat([Buffer.from([0xff, 15]), bytes]);
      if (body.includes(0x5c)) return; // a view, which we write in our own way
      const outcome = (read: () => unknown): unknown => {
        try {
          return { value: read() };
        } catch {
          return "refused";
        }
      };
      const expected = outcome(() => deserialize(body));
      // Of an object with a key twice, which V8 refuses and never writes, the later value is taken.
      if (expected !== "refused") expect(outcome(() => decodeMessage(body, []))).toStrictEqual(expected);
    }),
    { seed, examples: [[Uint8Array.from([0x55, 0x80, 0x80, 0x80, 0x80, 0x10])]], interruptAfterTimeLimit: 10_000, numRuns: 3_000 },
  );
}, 60_000);

it("rejects the calls of a child that writes garbage to its socket, and continues with another child", async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const forged = encodeMessage({ type: "settled", outcomes: [1, 0, "forged"], ms: [0] });
  const rounds: (readonly number[])[] = [[...Buffer.concat(forged)], [0], ...fc.sample(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 40 }), { seed, numRuns: 4 })];
  try {
    for (const bytes of rounds) {
      const settled = await Promise.allSettled([pool.submit(writesToSocket, bytes), pool.submit(calls.add, 1, 1), pool.submit(calls.add, 2, 2)]);
      for (const each of settled.slice(1)) if (each.status === "fulfilled") expect([2, 4]).toContain(each.value);
      if (bytes.length > 1) expect(settled[0]).toMatchObject({ status: "rejected", reason: { code: "ERR_OFFLOOP_WORKER_CRASHED" } });
    }
    expect(await pool.submit(calls.add, 3, 4)).toBe(7);
  } finally {
    await pool.shutdown({ timeoutMs: 0 });
  }
}, 60_000);
