// A value arrives unchanged, or its call rejects with the value's path and the worker continues.
import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { BlockList } from "node:net";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloneError } from "@offloop/workers";
import { expect, it } from "vitest";
import * as calls from "../fixtures/calls.mjs";
import * as forbidden from "../fixtures/forbids-promise.mjs";
import * as values from "../fixtures/values.mjs";
import { forEach, rejection, until } from "../contract/executors.js";

/** More levels than the stack of any thread can hold. */
const TOO_DEEP = 50_000;

forEach(["thread", "process"], ({ make }) => {
  it("rejects the call whose result is nested too deep, says how deep, and runs the next", async () => {
    const executor = make();
    const error = await rejection(executor.submit(values.chain, TOO_DEEP));
    expect(error).toBeInstanceOf(CloneError);
    expect(error).toMatchObject({ path: expect.stringMatching(/^result(\.next)+…$/), message: expect.stringContaining("nested 50,000 levels deep") });
    expect(await executor.submit(values.lengthOf, await executor.submit(values.chain, 1_000))).toBe(1_000);
    expect(executor.stats()).toMatchObject({ crashes: 0, workersStarted: 1, running: 0, queued: 0 });
  });

  it("rejects a result that the worker can write and the caller cannot read", async () => {
    const executor = make();
    // A thread writes some 12,000 levels, and the main thread reads some 2,000.
    expect(await rejection(executor.submit(values.chain, 5_000))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", message: expect.stringContaining("5,000 levels") });
    const [first, deep, last] = await Promise.allSettled([executor.submit(calls.add, 1, 1), executor.submit(values.chain, 5_000), executor.submit(calls.add, 2, 2)]);
    expect([first, deep!.status, last]).toEqual([{ status: "fulfilled", value: 2 }, "rejected", { status: "fulfilled", value: 4 }]);
    expect(executor.stats()).toMatchObject({ crashes: 0, workersStarted: 1 });
  });

  it("rejects the call whose argument is nested too deep", async () => {
    const executor = make();
    expect(await rejection(executor.submit(values.lengthOf, values.chain(TOO_DEEP)))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringContaining("args[0].next"), message: expect.stringContaining("50,000 levels") });
    expect(await executor.submit(values.lengthOf, values.chain(1_000))).toBe(1_000);
  });

  it("rejects a map, a stream and a broadcast with what is nested too deep", async () => {
    const executor = make();
    const mapped: unknown[] = [];
    expect(await rejection((async () => { for await (const each of executor.map(values.chain, [1, 5_000, 2])) mapped.push(each); })())).toMatchObject({ code: "ERR_OFFLOOP_CLONE", message: expect.stringContaining("5,000 levels") });
    const items: unknown[] = [];
    expect(await rejection((async () => { for await (const item of executor.stream(values.yieldsChains, [1, 5_000, 1])) items.push(item); })())).toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
    expect(items.length).toBeLessThanOrEqual(1);
    expect(await rejection(executor.broadcast(values.chain, 5_000))).toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
    expect(await executor.submit(calls.add, 1, 1)).toBe(2);
    expect(executor.stats()).toMatchObject({ crashes: 0, workersStarted: 1 });
  });

  it("rejects the call whose progress is nested too deep", async () => {
    const executor = make();
    const seen: unknown[] = [];
    const error = await rejection(executor.with({ onProgress: (value) => seen.push(value) }).submit(values.reports, 5_000));
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringContaining("progress") });
    expect(seen).toEqual([]);
  });

  it("rejects the way back whose arguments or result are nested too deep, and goes on", async () => {
    const executor = make();
    expect(await executor.submit(values.asksBack, 5_000)).toEqual([expect.stringContaining("to the caller"), expect.stringContaining("to the worker"), 3]);
  });

  it("carries an error with a deep property", async () => {
    const error = await rejection(make().submit(values.throwsChain, 5_000));
    expect(values.lengthOf(error.chain)).toBe(5_000);
  });

  it("carries errors that are values, with class, code and cause", async () => {
    const { failures, map, self }: any = await make().submit(values.returnsErrors);
    expect(failures[0]).toBeInstanceOf(TypeError);
    expect(failures[0]).toMatchObject({ message: "one", code: "E_ONE" });
    expect(failures[1].cause).toBe(failures[0]);
    expect(failures[1].constructor.name).toBe("QueryError");
    expect(map.get("first")).toBe(failures[0]);
    expect([...map.keys()][1]).toBe(failures[1]);
    expect(self.errors[0]).toBe(self);
  });

  it("carries Buffers as Buffers, alone, nested, shared, and through streams, progress and the way back", async () => {
    const executor = make();
    const buffer = Buffer.from("abc");
    expect(await executor.submit(values.namesOf, buffer, { deep: [buffer, new Uint8Array(2)] }, new Map([["k", buffer]]), Buffer.alloc(300_000))).toEqual(["Buffer", "Buffer,Uint8Array", "Buffer", "Buffer"]);
    // Calls of one message that share their arguments, in the same places and in others.
    const deep = { deep: [buffer, new Uint8Array(2)] };
    const map = new Map([["k", buffer]]);
    const names = ["Buffer", "Buffer,Uint8Array", "Buffer", "Buffer"];
    const calls = Array.from({ length: 8 }, () => executor.submit(values.namesOf, buffer, deep, map, buffer));
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 8 }, () => names));
    const result = await executor.submit(values.returnsBuffers);
    expect([result.small, result.list[0], result.set.values().next().value, result.large].map((each) => Buffer.isBuffer(each))).toEqual([true, true, true, true]);
    expect(result.small.toString("hex")).toBe("616263");
    expect(result.plain.constructor).toBe(Uint8Array);
    expect(Buffer.isBuffer(await executor.submit(values.largeBuffer))).toBe(true);
    for await (const item of executor.stream(values.yieldsBuffers)) expect(Buffer.isBuffer(item)).toBe(true);
    const seen: unknown[] = [];
    expect(await executor.with({ onProgress: (value) => seen.push(Buffer.isBuffer(value)) }).submit(values.buffersBack)).toEqual([true, true]);
    expect(seen).toEqual([true]);
    for await (const each of executor.map(values.toBuffer, ["a", "b"])) expect(Buffer.isBuffer(each)).toBe(true);
  });

  it("carries objects of the platform that say all about themselves", async () => {
    const executor = make();
    const url = new URL("https://user@example.org/a?b=1#c");
    const sent = { url, again: url, list: [new URLSearchParams("a=1&a=2"), new Headers({ "content-type": "text/css" })], map: new Map<unknown, unknown>([[url, new Set([url])]]), decoder: new TextDecoder("utf-16le", { fatal: true }) };
    const there = await executor.submit(values.identity, sent);
    expect(there.url.href).toBe(url.href);
    expect(there.again).toBe(there.url);
    expect(there.map.get(there.url).has(there.url)).toBe(true);
    expect(String(there.list[0])).toBe("a=1&a=2");
    expect(there.list[1].get("content-type")).toBe("text/css");
    expect(there.decoder).toMatchObject({ encoding: "utf-16le", fatal: true });
    expect(await executor.submit(values.hrefOf, { at: [url] })).toBe(url.href);
  });

  it("carries keys", async () => {
    const executor = make();
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const there = (await executor.submit(values.identity, { secret: createSecretKey(Buffer.from("k")), publicKey, privateKey })) as { secret: KeyObject; publicKey: KeyObject; privateKey: KeyObject };
    expect(there.secret.export().toString()).toBe("k");
    expect(there.publicKey.export({ format: "pem", type: "spki" })).toBe(publicKey.export({ format: "pem", type: "spki" }));
    expect(createPublicKey(there.privateKey).export({ format: "pem", type: "spki" })).toBe(publicKey.export({ format: "pem", type: "spki" }));
  });

  it.each<[string, () => unknown]>([
    ["FormData", () => new FormData()],
    ["a Request", () => new Request("http://localhost/")],
    ["a Response", () => new Response("x")],
    ["an AbortSignal", () => new AbortController().signal],
    ["an AbortController", () => new AbortController()],
    ["an Event", () => new Event("x")],
    ["a WeakMap", () => new WeakMap()],
    ["a WeakRef", () => new WeakRef({})],
    ["a promise", () => Promise.resolve(1)],
    ["a proxy", () => new Proxy({}, { get: () => { throw new Error("trap"); } })],
    ["Math", () => Math],
    ["a getter that throws", () => ({ get x() { throw new Error("x"); } })],
    ["a generator", () => (function* () {})()],
  ])("refuses %s by its path, as argument and result, and goes on", async (what, makeValue) => {
    const executor = make();
    expect(await rejection(executor.submit(values.second, 1, { user: [makeValue()] }))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringMatching(/^args\[1\]\.user\[0\]/) });
    expect(await rejection(executor.submit(values.returnsUnsendable, what))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: expect.stringMatching(/^result\.user\[0\]/) });
    expect(executor.stats().crashes).toBe(0);
  });

  it("runs, streams, prints and asks when the worker's Promise makes no promise", async () => {
    let printed = "";
    const executor = make({ maxWorkers: 1, setup: new URL("../fixtures/forbids-promise.mjs", import.meta.url), onOutput: ({ text }: { readonly text: string }) => void (printed += text) });
    expect(await executor.submit(calls.add, 1, 2)).toBe(3);
    const text = "line\n".repeat(50_000);
    expect(await executor.submit(forbidden.prints, text)).toBe(text.length);
    const read: number[] = [];
    for await (const count of executor.stream(forbidden.counts, 5_000)) {
      if (read.push(count) % 1_000 === 0) await new Promise(setImmediate);
    }
    expect(read).toHaveLength(5_000);
    for await (const count of executor.stream(forbidden.counts, 1_000_000)) if (count === 2_000) break;
    // Short calls travel together. When the first of several takes long after all, the worker lets its event loop turn.
    await Promise.all(Array.from({ length: 500 }, () => executor.submit(forbidden.computes, 0)));
    expect(await Promise.all([1, 2, 3].map(() => executor.submit(forbidden.computes, 60)))).toEqual([60, 60, 60]);
    // Without onOutput, the answer waits until the stream has written.
    expect(await make({ maxWorkers: 1, setup: new URL("../fixtures/forbids-promise.mjs", import.meta.url) }).submit(forbidden.prints, "\n")).toBe(1);
    expect(await executor.submit(forbidden.asks, 41)).toBe(42);
    expect(await executor.submit(forbidden.asksInVain)).toBe("ERR_OFFLOOP_FUNCTION_TRAVEL");
    expect((await rejection(executor.submit({ module: import.meta.resolve("../fixtures/values.mjs"), export: "nothingOfThisName" } as never))).message).toContain("nothingOfThisName");
    const { allSettled } = Promise; // the worker has none any more
    expect((await rejection(executor.submit(() => typeof allSettled))).message).toContain("allSettled");
    expect(printed).toContain("line");
  });

  it("takes a call while a set-up goes on that has put a function in the place of Promise which makes none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-setup-"));
    try {
      const [begun, goOn] = ["begun", "go-on"].map((name) => join(folder, name)) as [string, string];
      const executor = make({ maxWorkers: 1, setup: new URL("../fixtures/forbids-promise-slowly.mjs", import.meta.url), setupData: { begun, goOn } });
      const first = executor.submit(calls.add, 1, 2);
      await until(() => existsSync(begun));
      const second = executor.submit(forbidden.answer, 1);
      await new Promise(setImmediate); // it has been sent
      writeFileSync(goOn, "");
      expect(await Promise.all([first, second])).toEqual([3, 2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("settles calls when the worker's Promise is replaced", async () => {
    const executor = make({ maxWorkers: 1, setup: new URL("../fixtures/replaces-promise.mjs", import.meta.url) });
    expect(await executor.submit(values.asynchronous, 2)).toBe(4);
    expect(await executor.submit(calls.add, 1, 2)).toBe(3);
    const items: unknown[] = [];
    for await (const item of executor.stream(values.foreignIterator as unknown as () => AsyncIterable<number>)) items.push(item);
    expect(items).toEqual([1, 2]);
  });
});

forEach(["process"], ({ make }) => {
  it.each<[string, () => unknown]>([
    ["a Blob", () => new Blob(["x"])],
    ["a BlockList", () => new BlockList()],
    ["a WebAssembly module", () => values.wasmModule()],
    ["shared memory", () => new SharedArrayBuffer(4)],
  ])("refuses %s for a process by its path", async (_what, makeValue) => {
    const executor = make();
    const error = await rejection(executor.submit(values.identity, { in: { here: makeValue() } }));
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "args[0].in.here", message: expect.stringContaining("ThreadPoolExecutor") });
    expect(executor.stats().crashes).toBe(0);
  });
});

forEach(["thread"], ({ make }) => {
  it("carries a File with its name", async () => {
    const there = (await make().submit(values.identity, new File(["abc"], "a.txt", { type: "text/plain", lastModified: 5 }))) as File;
    expect(there).toMatchObject({ name: "a.txt", type: "text/plain", lastModified: 5, size: 3 });
  });
});
