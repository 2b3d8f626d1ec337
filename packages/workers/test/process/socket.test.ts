import { ProcessPoolExecutor, WorkerCrashedError } from "@offloop/workers";
import { afterEach, expect, it } from "vitest";
import { rejection } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

let executor: ProcessPoolExecutor;
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
