// A message that was encoded, framed, read and decoded equals its structured clone. A message that
// structured clone refuses is refused.
import { deserialize } from "node:v8";
import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameReader } from "#workers/frames/frame-reader.js";
import { HEAD_BYTES } from "#workers/frames/frame.js";
import { decodeMessage } from "#workers/frames/message-decoder.js";
import { encodeMessage } from "#workers/frames/message-encoder.js";

/** Bytes of a message, as they go into the socket. */
function bytesOf(value: unknown): Buffer {
  return Buffer.concat(encodeMessage({ type: "answerBack", id: 1, kind: 0, value }));
}

/** There and back. */
function across(value: unknown): any {
  return decoded(bytesOf(value)).value;
}

function decoded(bytes: Buffer): any {
  let message: unknown;
  new FrameReader((body, attachments) => (message = decodeMessage(body, attachments))).push(bytes);
  return message;
}

const cyclic: Record<string, unknown> = { name: "cycle" };
cyclic.self = [cyclic, { cyclic }];
const shared = { once: true };
const deep = Array.from({ length: 500 }).reduce<object>((inner) => ({ inner }), { end: true });
const sparse: unknown[] = [1, , 3]; // oxlint-disable-line no-sparse-arrays
sparse[10] = "far";
const withProperties = Object.assign([1, 2], { extra: "property" });

it.each<[string, unknown]>([
  ["numbers", [0, -0, 1, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, Number.MIN_VALUE]],
  ["primitives", [undefined, null, true, false, 10n, -(2n ** 70n)]],
  ["strings", ["", "a", "latin ÿ", "wide €", "pair 😀", "lone \ud800", "x".repeat(100), "é".repeat(300), "€".repeat(300)]],
  ["keys", { 2: "two", 1: "one", a: 1, "": 2, "€": 3, ["x".repeat(100)]: 4, constructor: 5, toString: 6, [2 ** 40]: 7 }],
  ["a key that is __proto__", JSON.parse('{"__proto__": {"own": true}, "after": 1}')],
  ["keys that begin alike", [{ a: 1, b: 2 }, { a: 1, c: 3 }, { a: 1, b: 2, d: 4 }, { b: 2 }, { a: 1, b: 2 }]],
  ["undefined values", { a: undefined, b: [undefined] }],
  ["a sparse array", sparse],
  ["an array with properties", withProperties],
  ["references", [shared, shared, { shared }]],
  ["a cycle", cyclic],
  ["deep nesting", deep],
  ["a map and a set", new Map<unknown, unknown>([["a", new Set([1, shared])], [shared, shared]])],
  ["dates and patterns", [new Date(0), new Date(NaN), /a.b/gi]],
  ["boxed primitives", [Object(1), Object("a"), Object(false), Object(1n)]],
  ["an error with a cause", new RangeError("bad", { cause: new Error("worse") })],
  ["an instance of a class", new (class Point { x = 1; #y = 2; get y() { return this.#y; } })()],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
  ["buffers", [new ArrayBuffer(8), new Uint8Array([1, 2, 3]), new Float64Array([1.5, -0]), new Uint16Array(0), new DataView(new ArrayBuffer(3), 1), new BigInt64Array([-1n])]],
  ["large buffers", [new Uint8Array(70_000).fill(7), "between", new Float64Array(9_000).fill(1.5), { in: new Uint8Array(64 * 1_024) }]],
  ["a table", { rows: Array.from({ length: 500 }, (_, id) => ({ id, name: `row number ${id} of a table`, tags: ["alpha", "beta"], score: id / 3 })) }],
])("takes %s across as structured clone does", (_what, value) => {
  expect(across(value)).toStrictEqual(structuredClone(value));
  expect(Object.keys(Object(across(value)))).toEqual(Object.keys(Object(structuredClone(value))));
});

it("carries any value as structured clone does", () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withUnicodeString: true, withNullPrototype: true, maxDepth: 4 } as fc.ObjectConstraints);
  fc.assert(
    fc.property(anything, (value) => {
      expect(across(value)).toStrictEqual(structuredClone(value));
    }),
    { numRuns: 500 },
  );
});

it("writes calls and outcomes of primitives as V8 reads them", () => {
  const primitive = fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.string({ unit: "binary", maxLength: 100 }), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(primitive, { maxLength: 400 }), fc.array(fc.double()), (outcomes, ms) => {
      const message = { type: "settled" as const, outcomes, ms };
      const bytes = Buffer.concat(encodeMessage(message));
      expect(deserialize(bytes.subarray(HEAD_BYTES))).toStrictEqual(message);
      expect(decoded(bytes)).toStrictEqual(message);
    }),
    { numRuns: 300 },
  );
});

it("writes more calls than its scratch memory holds", () => {
  const message = { type: "run" as const, calls: Array.from({ length: 60_000 }, (_, index) => index / 7) };
  expect(decoded(Buffer.concat(encodeMessage(message)))).toStrictEqual(message);
});

it("keeps objects shared that one message shares", () => {
  const [first, second, { shared: third }] = across([shared, shared, { shared }]);
  expect(first).toBe(second);
  expect(first).toBe(third);
});

it("gives Buffers as Buffers, and views with their own memory", () => {
  const small = across({ bytes: Buffer.from("text") }).bytes;
  const [large, words] = across([Buffer.alloc(100_000, 1), new Uint32Array(50_000)]);
  expect(Buffer.isBuffer(small) && Buffer.isBuffer(large)).toBe(true);
  for (const view of [small, large, words, across(new Uint8Array(3))]) expect([view.byteOffset, view.buffer.byteLength]).toEqual([0, view.byteLength]);
});

it("sends the content of buffers at the time of sending", () => {
  const bytes = new Uint8Array(100_000).fill(1);
  const frame = encodeMessage({ type: "answerBack", id: 1, kind: 0, value: bytes });
  bytes.fill(2);
  expect(decoded(Buffer.concat(frame)).value).toEqual(new Uint8Array(100_000).fill(1));
});

it.each<[string, () => unknown, RegExp]>([
  ["functions", () => () => 1, /could not be cloned/],
  ["symbols", () => [Symbol("s")], /could not be cloned/],
  ["promises", () => ({ deep: Promise.resolve() }), /could not be cloned/],
  ["proxies", () => new Proxy({}, {}), /could not be cloned/],
  ["ports", () => ({ port: new MessageChannel().port1 }), /could not be cloned/],
  ["shared memory", () => [new SharedArrayBuffer(1)], /another process/],
  ["views of shared memory", () => ({ view: new Uint8Array(new SharedArrayBuffer(1)) }), /another process/],
  ["what throws when it is read", () => ({ get broken() { throw new Error("by its getter"); } }), /by its getter/], // oxlint-disable-line getter-return
])("refuses %s", (_what, make, message) => {
  expect(() => bytesOf(make())).toThrow(message);
  expect(across("the next one")).toBe("the next one");
});

it("remembers at most its limit of keys, and still reads", () => {
  for (let round = 0; round < 3; round += 1) {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key ${round} ${index}`, index]));
    expect(across(many)).toStrictEqual(many);
  }
  expect(across([{ a: 1 }, { a: 2 }])).toStrictEqual([{ a: 1 }, { a: 2 }]);
});
