import type { Histogram } from "@opentelemetry/sdk-metrics";
import { expect, it } from "vitest";
import * as work from "./fixtures/work.mjs";
import { publishStall, stallOf } from "./stall.js";
import { makePool, startTelemetry } from "./telemetry.js";

it("measures in seconds how long calls wait and run, by function, executor and outcome", async () => {
  const { points, unitOf } = startTelemetry();
  const pool = makePool("thread", { name: "sums" });
  await pool.submit(work.add, 1, 1);
  await pool.submit(work.add, 1, 1);
  await expect(pool.submit(work.refuses)).rejects.toThrow();
  const runs = await points("offloop.call.run.duration");
  expect(unitOf("offloop.call.run.duration")).toBe("s");
  expect(runs.map(({ attributes, value }) => ({ ...attributes, count: (value as Histogram).count }))).toEqual([
    { "code.function.name": "add", "offloop.executor.kind": "thread", "offloop.executor.name": "sums", "offloop.call.outcome": "fulfilled", count: 2 },
    { "code.function.name": "refuses", "offloop.executor.kind": "thread", "offloop.executor.name": "sums", "offloop.call.outcome": "rejected", "error.type": "ERR_NO_SUCH_THING", count: 1 },
  ]);
  const { buckets, max } = runs[0]!.value as Histogram;
  expect(buckets.boundaries).toEqual([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]);
  expect(max).toBeLessThan(60);
  expect((await points("offloop.call.wait.duration")).map(({ value }) => (value as Histogram).count)).toEqual([2, 1]);
});

it("a call that no worker had is measured as waiting, not as run", async () => {
  const { points } = startTelemetry();
  const pool = makePool("thread");
  await expect(pool.with({ signal: AbortSignal.abort() }).submit(work.add, 1, 1)).rejects.toThrow();
  expect(await points("offloop.call.run.duration")).toEqual([]);
  expect((await points("offloop.call.wait.duration")).map(({ attributes }) => attributes["offloop.call.outcome"])).toEqual(["cancelled"]);
});

it("shows the queue, the running calls, the workers and the saturation of each executor", async () => {
  const { points } = startTelemetry();
  const pool = makePool("process", { maxWorkers: 2 });
  await pool.warmUp(2);
  const value = async (metric: string): Promise<unknown> => (await points(metric)).find(({ attributes }) => attributes["offloop.executor.kind"] === "process")?.value;
  expect(await value("offloop.executor.workers")).toBe(2);
  expect(await value("offloop.executor.saturation")).toBe(0);
  const calls = Array.from({ length: 5 }, () => pool.submit(work.waits));
  await new Promise(setImmediate); // calls leave at the end of a turn
  expect(await value("offloop.executor.saturation")).toBe(1);
  expect(Number(await value("offloop.executor.running")) + Number(await value("offloop.executor.queue.length"))).toBe(5);
  for (const call of calls) call.cancel();
  await Promise.allSettled(calls);
  expect(await value("offloop.executor.queue.length")).toBe(0);
});

it("adds up executors of one name, and tells others apart", async () => {
  const { points } = startTelemetry();
  for (const name of ["render", "render", "sums"]) await makePool("thread", { name }).warmUp(1);
  const workers = (await points("offloop.executor.workers")).map(({ attributes, value }) => [attributes["offloop.executor.name"], value]);
  expect(workers.filter(([name]) => name === "render" || name === "sums")).toEqual([["render", 2], ["sums", 1]]);
});

it("counts calls that return to the queue, and the ends of workers", async () => {
  const { points } = startTelemetry();
  const pool = makePool("thread");
  await expect(pool.with({ retries: 1 }).submit(work.exits)).rejects.toThrow();
  await pool.shutdown();
  expect(await points("offloop.call.requeues")).toMatchObject([{ value: 1, attributes: { "code.function.name": "exits", "offloop.executor.kind": "thread" } }]);
  expect(await points("offloop.worker.exits")).toMatchObject([{ value: 2, attributes: { "offloop.worker.exit.expected": false } }]);
});

it("measures stalls by kind", async () => {
  const { points, unitOf } = startTelemetry();
  publishStall(stallOf({ durationMs: 150 }));
  publishStall(stallOf({ durationMs: 2_500, kind: "native" }));
  const stalls = await points("offloop.stall.duration");
  expect(unitOf("offloop.stall.duration")).toBe("s");
  expect(stalls.map(({ attributes, value }) => [attributes["offloop.stall.kind"], (value as Histogram).sum])).toEqual([["script", 0.15], ["native", 2.5]]);
  expect((stalls[0]!.value as Histogram).buckets.boundaries).toEqual([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]);
});

it("measures nothing if metrics are off, and starts when they are switched on", async () => {
  const { points, instrumentation } = startTelemetry({ metrics: false });
  const pool = makePool("thread");
  await pool.submit(work.add, 1, 1);
  publishStall(stallOf({}));
  for (const metric of ["offloop.call.run.duration", "offloop.stall.duration", "offloop.executor.workers"]) expect(await points(metric)).toEqual([]);
  instrumentation.setConfig({});
  await pool.submit(work.add, 1, 1);
  expect(await points("offloop.call.run.duration")).toHaveLength(1);
  expect((await points("offloop.executor.workers")).length).toBeGreaterThan(0);
});
