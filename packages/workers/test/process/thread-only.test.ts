// Values that threads share or move are refused by name, if a process would receive them empty or as a silent copy.
import { Readable } from "node:stream";
import { MessageChannel } from "node:worker_threads";
import { CloneError, ProcessPoolExecutor, transfer } from "@offloop/workers";
import { afterAll, expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
afterAll(() => pool.shutdown({ timeoutMs: 0 }));
const { port1, port2 } = new MessageChannel();
afterAll(() => port1.close());

it.each<[string, unknown, string]>([
  ["a Node stream", Readable.from(["a"]), "args[0]"],
  ["a web stream", new Blob(["a"]).stream(), "args[0]"],
  ["a port that was marked to move", transfer({ deep: { port2 } }, [port2]), "args[0].deep.port2"],
  ["a Blob", new Blob(["a"]), "args[0]"],
  ["shared memory", new SharedArrayBuffer(4), "args[0]"],
  ["a view of shared memory", new Int32Array(new SharedArrayBuffer(4)), "args[0]"],
])("refuses %s", async (_what, value, path) => {
  const error = await rejection(pool.submit(calls.identity, value));
  expect(error).toBeInstanceOf(CloneError);
  expect(error).toMatchObject({ path });
  expect(error.message).toMatch(/cannot be sent to another process.*ThreadPoolExecutor/);
});

it("refuses them as results, and continues", async () => {
  expect(await rejection(pool.submit(calls.returnsStream))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "result" });
  expect(await pool.submit(calls.add, 1, 1)).toBe(2);
  expect(pool.stats().workersStarted).toBe(1);
});

it("copies buffers that were marked to move", async () => {
  const bytes = new Uint8Array(8);
  expect(await pool.submit(calls.byteLength, transfer(bytes, [bytes.buffer]))).toBe(8);
  expect(bytes.byteLength).toBe(8);
});
