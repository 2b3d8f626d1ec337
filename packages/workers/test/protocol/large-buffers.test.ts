import { deepStrictEqual } from "node:assert";
import { copyToMove, holdsLargeBuffer } from "#workers/protocol/large-buffers.js";
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
  ["a field of a plain object", () => [{ data: new Uint8Array(filled()), width: 20, name: "image", nothing: undefined, absent: null }]],
  ["primitives beside it", () => [1, "two", 3n, undefined, null, true, new Uint8Array(filled())]],
  ["a small buffer beside it", () => [new Uint8Array(filled()), new Uint8Array([1, 2])]],
  ["a small ArrayBuffer beside it", () => [new Uint8Array(filled()), new Uint8Array([1, 2]).buffer]],
])("gives what structured clone gives, and moves: %s", (_, make) => {
  const values = make();
  const expected = structuredClone(values);
  expect(values.some((value) => typeof value === "object" && value !== null && holdsLargeBuffer(value))).toBe(true);
  const { arrived, moved } = cross(values);
  expect(moved).toHaveLength(1);
  deepStrictEqual(arrived, expected);
  deepStrictEqual(structuredClone(values), expected); // what the caller has is untouched
});

it("keeps what is one thing one thing", () => {
  const buffer = filled();
  const image = { data: new Uint8Array(buffer, 16) };
  const { arrived, moved } = cross([buffer, new Uint16Array(buffer), image, image]);
  const [whole, view, first, second] = arrived as [ArrayBuffer, Uint16Array, typeof image, typeof image];
  expect(moved).toHaveLength(1);
  expect(view.buffer).toBe(whole);
  expect(first.data.buffer).toBe(whole);
  expect(second).toBe(first);
});

it.each<[string, (data: Uint8Array) => unknown]>([
  ["a nested object", (data) => ({ data, size: { width: 1 } })],
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

it("leaves what cannot be copied to whoever clones it, who says why", () => {
  const gone = new Uint8Array(8);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  let reads = 0;
  const fickle = {
    get data() {
      if ((reads += 1) > 1) throw new Error("read twice");
      return new Uint8Array(filled());
    },
  };
  for (const values of [[new Uint8Array(filled()), gone], [fickle]]) {
    expect(holdsLargeBuffer(values[0]!)).toBe(true);
    expect(() => cross(values)).toThrow();
  }
  const values = [fickle];
  expect(copyToMove(values, [])).toBe(values);
});

it("does not take for large what is small, shared, resizable, or throws when it is read", () => {
  expect(holdsLargeBuffer(new Uint8Array(1_000))).toBe(false);
  expect(holdsLargeBuffer(new SharedArrayBuffer(LARGE))).toBe(false);
  expect(holdsLargeBuffer(new Uint8Array(new SharedArrayBuffer(LARGE)))).toBe(false);
  expect(holdsLargeBuffer(Reflect.construct(ArrayBuffer, [LARGE, { maxByteLength: LARGE * 2 }]))).toBe(false);
  expect(holdsLargeBuffer({ get data() { throw new Error("not now"); } })).toBe(false);
});
