import { ProcessPoolExecutor, ThreadPoolExecutor, WorkerCrashedError } from "@offloop/workers";
import { afterEach, expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";
import { asksWithoutFile, garbles, readsItsAnswer, untilSignalled, uses, usesDescriptors } from "../fixtures/writes-to-socket.mjs";

let executor: ProcessPoolExecutor | ThreadPoolExecutor;
afterEach(() => executor.shutdown({ timeoutMs: 0 }));

it("a child that closes its socket is a crash, and is replaced", async () => {
  executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  expect(await rejection(executor.submit(calls.closesSocket))).toBeInstanceOf(WorkerCrashedError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it("unknown bytes on the socket are a crash, not an answer", async () => {
  executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const error = await rejection(executor.submit(calls.writesNonsense));
  expect(error).toBeInstanceOf(WorkerCrashedError);
  expect(error.cause.message).toMatch(/bytes that are no message/);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it.runIf(process.platform === "linux").each(Object.keys(uses))("a child whose task %s all descriptors is a crash, and its calls are told", async (how) => {
  executor = new ProcessPoolExecutor({ maxWorkers: 2 });
  const [used, ...others] = await Promise.allSettled([executor.submit(usesDescriptors, how), ...[1, 2, 3, 4].map((value) => executor.submit(calls.add, value, 1))]);
  expect(used).toMatchObject({ status: "rejected", reason: { code: "ERR_OFFLOOP_WORKER_CRASHED" } });
  for (const [index, each] of others.entries()) {
    if (each.status === "fulfilled") expect(each.value).toBe(index + 2);
    else expect(each.reason).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED" }); // it was sent to that child
  }
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it.skipIf(process.platform === "win32").each([[1, 5], [1, 12], [1, 65_536], [300_000, 5], [300_000, 65_536]])("a child is a crash whose task reads an answer of %i letters from the socket, %i bytes at a time", async (length, bytes) => {
  executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const error = await rejection(executor.submit(readsItsAnswer, length, bytes));
  expect(error).toBeInstanceOf(WorkerCrashedError);
  expect(error.message).toContain("bytes that are no message");
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it("a call goes on whose file of cancellations was closed, and is told by a message", async () => {
  executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  expect(await executor.submit(asksWithoutFile)).toBe(false);
  const call = executor.with({ onCancel: "wait" }).submit(untilSignalled);
  call.cancel("enough");
  expect(await rejection(call)).toMatchObject({ code: "ERR_OFFLOOP_CANCELLED" });
});

it.each([null, 5, "text", "unreadable", {}, { type: "settled" }, { type: "settled", outcomes: [1, 0, "forged"] }, { type: "callBack" }])("a thread that sends %j is a crash, and is replaced", async (message) => {
  executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  expect(await rejection(executor.submit(garbles, message))).toBeInstanceOf(WorkerCrashedError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});
