// The table of values in docs/what-travels.md, row by row, through threads and processes, there and back.
import { createSecretKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { BlockList } from "node:net";
import { expect, it } from "vitest";
import * as values from "../fixtures/values.mjs";
import { forEach, rejection } from "../contract/executors.js";

const page = readFileSync(new URL("../../../../docs/what-travels.md", import.meta.url), "utf8");
const section = page.slice(page.indexOf("## Arguments, results and errors"), page.indexOf("## What it costs"));
const documented = [...section.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(([, what, thread, process]) => ({ what: what!, thread: thread!, process: process! })).filter(({ what }) => what !== "Value");

/** The value that is sent, and the check of the value that comes back. */
interface Case {
  readonly values: readonly unknown[];
  arrived?(there: any, index: number): void;
}

const same = (sent: readonly unknown[]): Case => ({ values: sent, arrived: (there, index) => expect(there).toStrictEqual(sent[index]) });

const key = await webcrypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"]);
const moved = new ArrayBuffer(4);
const detached = new Uint8Array(moved);
structuredClone(moved, { transfer: [moved] });
const shared = { once: 1 };
const cyclic: Record<string, unknown> = { shared, again: shared };
cyclic.self = cyclic;
class Point {
  x = 1;
  get y() {
    return 2;
  }
}

const cases: Record<string, Case> = {
  "What `structuredClone` copies: plain data, Map, Set, Date, RegExp, typed arrays": same([{ a: [1, "b", null, 2n] }, new Map([[1, { b: 2 }]]), new Set(["c"]), new Date(5), /x/g, new Float64Array([1.5])]),
  "Cycles, shared parts, and views that share a buffer": {
    values: [cyclic, ((buffer) => [new Uint8Array(buffer, 2), new Uint8Array(buffer, 4)])(new ArrayBuffer(8))],
    arrived: (there, index) => (index === 0 ? expect([there.self, there.again]).toEqual([there, there.shared]) : expect([there[0].buffer, there[0].byteOffset]).toEqual([there[1].buffer, 2])),
  },
  "Buffer, at any depth": { values: [Buffer.from("a"), { in: [Buffer.from("a")] }], arrived: (there) => expect(Buffer.isBuffer(there.in?.[0] ?? there)).toBe(true) },
  "URL, URLSearchParams, Headers, TextEncoder, TextDecoder": {
    values: [new URL("http://a/b"), new URLSearchParams("a=1"), new Headers({ a: "b" }), new TextEncoder(), new TextDecoder()],
    arrived: (there, index) => expect(there.constructor.name).toBe(["URL", "URLSearchParams", "Headers", "TextEncoder", "TextDecoder"][index]),
  },
  KeyObject: { values: [createSecretKey(Buffer.from("k"))], arrived: (there) => expect(there.export().toString()).toBe("k") },
  File: { values: [new File(["abc"], "a.txt")], arrived: (there) => expect(there.name).toBe("a.txt") },
  "Blob, BlockList, CryptoKey, WebAssembly.Module, SharedArrayBuffer": {
    values: [new Blob(["a"]), new BlockList(), key, values.wasmModule(), new SharedArrayBuffer(1)],
    arrived: (there, index) => expect(there.constructor.name).toBe(["Blob", "BlockList", "CryptoKey", "Module", "SharedArrayBuffer"][index]),
  },
  "An error as a value: class name, `code`, `cause`, `errors` and own properties": {
    values: [Object.assign(new RangeError("a", { cause: new TypeError("b") }), { code: "E", errors: [1] })],
    arrived: (there) => {
      expect(there).toBeInstanceOf(RangeError);
      expect(there.cause).toBeInstanceOf(TypeError);
      expect(there).toMatchObject({ code: "E", errors: [1] });
    },
  },
  "An instance of a class": { values: [new Point()], arrived: (there) => expect(there).toStrictEqual({ x: 1 }) },
  "A value nested 1,000 levels deep": { values: [values.chain(1_000)], arrived: (there) => expect(values.lengthOf(there)).toBe(1_000) },
  "A value nested deeper than the receiver's stack holds": { values: [values.chain(50_000)] },
  "FormData, Request, Response, AbortSignal, AbortController, Event": { values: [new FormData(), new Request("http://a"), new Response(), new AbortController().signal, new AbortController(), new Event("x")] },
  "A function, a symbol, a promise, a WeakMap, a WeakRef, a proxy, a generator": { values: [() => 1, Symbol("s"), Promise.resolve(), new WeakMap(), new WeakRef({}), new Proxy({}, {}), (function* () {})()] },
  "A getter that throws": { values: [{ get x() { throw new Error("x"); } }] }, // oxlint-disable-line getter-return
  "A view of a detached buffer": { values: [detached] },
};

it("has a test for each row, and a row for each test", () => {
  expect(documented.map(({ what }) => what).sort()).toEqual(Object.keys(cases).sort());
});

forEach(["thread", "process"], ({ kind, make }) => {
  it.each(documented)("$what", async (row) => {
    const executor = make();
    const { values: sent, arrived } = cases[row.what]!;
    for (const [index, each] of sent.entries()) {
      if (row[kind as "thread" | "process"].startsWith("arrives")) arrived!(await executor.submit(values.identity, each), index);
      else expect(await rejection(executor.submit(values.identity, each))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringMatching(/^args\[0\]/), message: expect.stringContaining(row[kind as "thread" | "process"].includes("levels") ? "50,000 levels" : "cannot be cloned") });
    }
    expect(executor.stats().crashes).toBe(0);
  });
});
