import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { MessageChannel, MessagePort } from "node:worker_threads";
import { move, ThreadPoolExecutor, transfer } from "@offloop/workers";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

let pool: ThreadPoolExecutor;
const make = (): ThreadPoolExecutor => (pool = new ThreadPoolExecutor({ maxWorkers: 1 }));
afterEach(() => pool.shutdown({ timeoutMs: 0 }));

it("moves objects that transfer() marks or the transfer option names", async () => {
  const marked = new Uint8Array(1_000);
  expect(await make().submit(calls.byteLength, transfer(marked, [marked.buffer]))).toBe(1_000);
  expect(marked.byteLength).toBe(0);
  const named = new ArrayBuffer(10);
  expect(await pool.with({ transfer: [named] }).submit(calls.byteLength, named)).toBe(10);
  expect(named.byteLength).toBe(0);
});

it("moves the buffers of a result that move() marks", async () => {
  const result = await make().submit(calls.moves, 1_000);
  expect(result.pixels).toHaveLength(1_000);
  expect(await pool.submit(calls.movedAway)).toBe(0);
});

it("shares a SharedArrayBuffer", async () => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  await make().submit(calls.increments, shared);
  expect(shared[0]).toBe(1);
});

it("moves a MessagePort", async () => {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => port1.once("message", resolve));
  await make().submit(calls.posts, transfer(port2), "hello");
  expect(await answer).toBe("hello");
  port1.close();
});

it("moves an open file", async () => {
  const handle = await open(import.meta.filename);
  expect(await make().submit(calls.readsFile, transfer(handle))).toContain("moves an open file");
  expect(handle.fd).toBe(-1);
});

it("moves web streams and Node streams", async () => {
  const web = new Blob(["one ", "two"]).stream();
  expect(await make().submit(calls.readsWeb, transfer(web))).toBe("one two");
  expect(await pool.submit(calls.readsNode as (stream: Readable) => Promise<string>, Readable.from(["three ", "four"]))).toBe("three four");
});

it.each(["exitsMidway", "throwsMidway", "neverReads", "cancelledMidway", "cancelledInTheQueue", "notCloned"] as const)("closes a Node stream that nobody reads further: %s", async (how) => {
  const own = new ThreadPoolExecutor({ maxWorkers: 1 });
  const stream = createReadStream(import.meta.filename, { highWaterMark: 16 });
  const closed = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  const reads = calls.readsOneChunk as (stream: Readable, then: string, extra?: unknown) => Promise<void>;
  const before = how === "cancelledInTheQueue" ? own.submit(calls.neverSettles) : undefined;
  const call = own.submit(reads, stream, how, how === "notCloned" ? () => {} : undefined);
  if (how === "cancelledInTheQueue") call.cancel();
  if (how === "cancelledMidway") stream.once("data", () => call.cancel());
  await Promise.allSettled([call, how === "neverReads" ? call.then(() => own.shutdown()) : undefined]);
  await closed;
  before?.cancel();
  await before?.catch(() => {});
  await own.shutdown({ timeoutMs: 1_000 });
});

it("does not retry a call whose arguments ended with a worker", async () => {
  const bytes = new Uint8Array(8);
  const error = await rejection(make().with({ retries: 3 }).submit(calls.exitsWith, transfer(bytes, [bytes.buffer])));
  expect(error.code).toBe("ERR_OFFLOOP_WORKER_CRASHED");
  expect(await pool.submit(calls.add, 1, 1)).toBe(2);
});

it("names an object that cannot move", async () => {
  const buffer = new ArrayBuffer(8);
  const error = await rejection(make().with({ transfer: [buffer, buffer] }).submit(calls.byteLength, buffer));
  expect(error.code).toBe("ERR_OFFLOOP_CLONE");
  expect(buffer.byteLength).toBe(8);
});

it("move() takes each buffer once, and does not move a view of a shared pool", () => {
  const whole = new Uint8Array(8);
  const value = { whole, again: [whole], window: Buffer.from("abc") };
  expect(move(value)).toBe(value);
});

it("does not detach a large argument or a large result", async () => {
  const bytes = new Uint8Array(1_000_000).fill(3);
  expect(await make().submit(calls.byteLength, bytes)).toBe(1_000_000);
  expect([bytes.byteLength, bytes[999_999]]).toEqual([1_000_000, 3]);
  const result = await pool.submit(calls.keepsLarge);
  expect([result.length, result.at(-1)]).toEqual([50_000, 7]);
  expect(await pool.submit(calls.largeHere)).toEqual([50_000, 7]);
});

it("moves copies of large arguments and of large results", async () => {
  await make().submit(calls.countsMoved);
  await pool.submit(calls.keepsLarge);
  expect(await pool.submit(calls.countsMoved)).toBe(400_000);
  const post = vi.spyOn(MessagePort.prototype, "postMessage");
  onTestFinished(() => post.mockRestore());
  await pool.submit(calls.byteLength, new Uint8Array(300_000));
  const lists = post.mock.calls.map(([, list]) => (list ?? []) as readonly ArrayBuffer[]);
  expect(lists.flat()).toHaveLength(1);
});

it("two views of one large buffer still share it", async () => {
  const bytes = new Uint8Array(300_000);
  expect(await make().submit(calls.writesTo, bytes, bytes.subarray(0, 10))).toEqual([99, 300_000, 0]);
  expect(await pool.submit(calls.writesTo, bytes.subarray(8), bytes.subarray(8, 10))).toEqual([99, 299_992, 8]);
  expect(bytes[0]).toBe(0);
});

it("runs calls with large arguments beside others in one burst", async () => {
  const bytes = new Uint8Array(200_000);
  make();
  await pool.submit(calls.byteLength, bytes); // its time is known from here on, so it may share an envelope
  const sizes = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? pool.submit(calls.byteLength, bytes) : pool.submit(calls.add, index, 0))));
  expect(sizes).toEqual(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 200_000 : index)));
});
