import { deepStrictEqual } from "node:assert";
import { copyToMove } from "#workers/protocol/large-buffers.js";
import { expect, it } from "vitest";

const LARGE = 140_000;

/** As it crosses: the copies move. */
function cross(values: unknown[]): { arrived: unknown[]; moved: object[] } {
  const moved: object[] = [];
  const sent = copyToMove(values, moved);
  return { arrived: structuredClone(sent, { transfer: moved as ArrayBuffer[] }), moved };
}

const filled = (): ArrayBuffer => Uint8Array.from({ length: LARGE }, (_, index) => index).buffer;

class Pixels extends Uint8ClampedArray {}

it.each<[string, () => unknown[]]>([
  ["an ArrayBuffer", () => [filled()]],
  ["a typed array", () => [new Uint32Array(filled())]],
  ["a part of a buffer", () => [new Float64Array(filled(), 800, 17_000)]],
  ["a DataView", () => [new DataView(filled(), 3, 139_000)]],
  ["a Buffer", () => [Buffer.from(filled())]],
  ["BigInts", () => [new BigInt64Array(filled())]],
  ["a subclass", () => [new Pixels(filled())]],
  ["options beside it", () => [new Uint8Array(filled()), { width: 20, name: "image", nothing: undefined, absent: null }]],
  ["primitives beside it", () => [1, "two", 3n, undefined, null, true, new Uint8Array(filled())]],
  ["a small buffer beside it", () => [new Uint8Array(filled()), new Uint8Array([1, 2])]],
  ["a small ArrayBuffer beside it", () => [new Uint8Array(filled()), new Uint8Array([1, 2]).buffer]],
])("gives what structured clone gives, and moves: %s", (_, make) => {
  const values = make();
  const expected = structuredClone(values);
  const { arrived, moved } = cross(values);
  expect(moved).toHaveLength(1);
  deepStrictEqual(arrived, expected);
  deepStrictEqual(structuredClone(values), expected); // what the caller has is untouched
});

it("keeps one object one object", () => {
  const buffer = filled();
  const pair = new Uint8Array(buffer, 16, 2);
  const { arrived, moved } = cross([buffer, new Uint16Array(buffer), pair, NaN, pair]);
  const [whole, view, part, , again] = arrived as [ArrayBuffer, Uint16Array, Uint8Array, number, Uint8Array];
  expect(moved).toHaveLength(1);
  expect(view.buffer).toBe(whole);
  expect(part.buffer).toBe(whole);
  expect(again).toBe(part);
});

it.each<[string, (data: Uint8Array) => unknown]>([
  ["an object that holds another view", (data) => ({ data })],
  ["an object with a getter", (data) => ({ get data() { return data; } })],
  ["a class of the caller's", (data) => Object.assign(new (class Image {})(), { data })],
  ["a Map", (data) => new Map([["data", data]])],
  ["an array", (data) => [data]],
  ["a Date beside it", (data) => ({ data, at: new Date(0) })],
])("leaves what it does not know to structured clone: %s", (_, make) => {
  const values = [new Uint8Array(filled()), make(new Uint8Array(filled()))];
  const moved: object[] = [];
  expect(copyToMove(values, moved)).toBe(values);
  expect(moved).toEqual([]);
});

it("does not change values without a large buffer", () => {
  const gone = new Uint8Array(LARGE);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const resizable = Reflect.construct(ArrayBuffer, [LARGE, { maxByteLength: LARGE * 2 }]) as ArrayBuffer;
  const others = [new Uint8Array(1_000), new SharedArrayBuffer(LARGE), new Uint8Array(new SharedArrayBuffer(LARGE)), resizable, new Uint8Array(resizable), gone, { data: new Uint8Array(LARGE) }, null, undefined];
  for (const other of others) {
    const moved: object[] = [];
    const values = [1, other];
    expect(copyToMove(values, moved)).toBe(values);
    expect(moved).toEqual([]);
  }
});
