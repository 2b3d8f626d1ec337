// Servers that refuse requests while they are overloaded.
import { channel } from "node:diagnostics_channel";
import { createServer } from "node:http";
import { LoadGauge, type LoadLimits, type OverloadedError, type ProcessLoad, type RefusalReason, shedLoad, type ShedLoadOptions } from "@offloop/http";
import { startWatchdog } from "@offloop/watchdog";
import { InlineExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { describe, expect, it, onTestFinished } from "vitest";
import { hold, holdUntil } from "./fixtures/tasks.mjs";
import { ask, everywhere, listen } from "./servers.js";

/** A pool with one worker that is held, and one call that waits, until `free()`. */
async function busyPool() {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  onTestFinished(() => pool.shutdown({ timeoutMs: 0 }));
  const words = new Int32Array(new SharedArrayBuffer(8));
  const calls = [pool.submit(holdUntil, words)];
  while (Atomics.load(words, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  calls.push(pool.submit(hold, 0));
  while (pool.stats().queued === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    pool,
    async free() {
      Atomics.store(words, 1, 1);
      Atomics.notify(words, 1);
      await Promise.all(calls);
    },
  };
}

describe.each(everywhere.filter(({ name }) => name !== "streams of node:http2"))("$name", ({ serve, ask }) => {
  it("answers 503 with Retry-After while the queue is full, and 200 when it is not", async () => {
    const { pool, free } = await busyPool();
    const shed: OverloadedError[] = [];
    const { port } = await listen(serve(async () => "done", shedLoad({ executor: pool, maxQueue: 1, onShed: (error) => shed.push(error) })));
    const refused = await ask(port, "/docs/one?token=secret").answer;
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    expect(refused.text).toMatch(/The server is overloaded and refused GET \/docs\/\S+ Try again in 1 s\./);
    expect(shed).toEqual([expect.objectContaining({ code: "ERR_OFFLOOP_OVERLOADED", refusal: expect.objectContaining({ reason: "queue-full", queued: 1, workers: 1, running: 1 }) })]);
    await free();
    expect(await ask(port).answer).toMatchObject({ status: 200, text: "done" });
    expect(shed).toHaveLength(1);
  });
});

it("refuses by the expected wait: the waiting calls, times their run time, divided by the workers", async () => {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  onTestFinished(() => pool.shutdown({ timeoutMs: 0 }));
  const gauge = new LoadGauge({ executor: pool });
  const controller = new AbortController();
  const calls = Array.from({ length: 200 }, () => pool.with({ signal: controller.signal }).submit(hold, 100));
  // A call takes 100 ms or more, so a measurement that includes whole calls is at least that long for each.
  while (gauge.read().expectedWaitMs < pool.stats().queued * 80) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(gauge.refusal({ maxWaitMs: 50 })).toMatchObject({ reason: "long-wait" });
  const { retryAfterMs, expectedWaitMs } = gauge.refusal({ maxWaitMs: 50 })!;
  expect(retryAfterMs).toBe(Math.ceil(expectedWaitMs / 1_000) * 1_000);
  expect(gauge.refusal({ maxWaitMs: 10_000_000 })).toBeUndefined();
  expect(gauge.refusal()).toBeUndefined();
  controller.abort();
  await Promise.allSettled(calls);
  expect(gauge.read()).toMatchObject({ queued: 0, expectedWaitMs: 0 });
});

it("refuses while the watchdog sees the loop held, and knows the line", async () => {
  const watchdog = startWatchdog({ thresholdMs: 50, report: "silent" });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  const gauge = new LoadGauge();
  let refusal = gauge.refusal();
  expect(refusal).toBeUndefined();
  // On a busy machine a report may come too late to count, or without a stack.
  while (refusal?.heldBy?.function !== "hold") {
    hold(900);
    await watchdog.flush();
    refusal = gauge.refusal();
  }
  expect(refusal).toMatchObject({ reason: "loop-held", retryAfterMs: 1_000, heldBy: { function: "hold", file: expect.stringContaining("tasks.mjs") } });
  expect(gauge.refusal({ maxLoopHeld: 1 })).toBeUndefined();
  while (gauge.refusal() !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
});

it("counts a stall that lasts, and of each stall what lies in the last second", async () => {
  const gauge = new LoadGauge({ executor: new InlineExecutor() });
  while (gauge.read().loopHeld > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const stall = { id: -1, startedAt: performance.timeOrigin + performance.now() - 60_000, durationMs: 100, place: { file: "/app.js", line: 7, function: "slow", column: 1 }, context: "GET /slow" };
  channel("offloop:stall:begin").publish({ stall });
  expect(gauge.refusal()).toMatchObject({ reason: "loop-held", loopHeld: 1, heldBy: { file: "/app.js", line: 7, function: "slow" }, heldRequest: "GET /slow" });
  channel("offloop:stall:begin").publish({ stall });
  expect(gauge.read().loopHeld).toBe(1);
  // The end knows the start more exactly.
  channel("offloop:stall:end").publish({ stall: { ...stall, startedAt: stall.startedAt - 3, durationMs: 103 } });
  expect(gauge.read()).toMatchObject({ loopHeld: 0, heldBy: undefined });
});

it.each<[RefusalReason, LoadLimits, keyof ProcessLoad]>([
  ["loop-delay", { maxLoopDelayMs: 20 }, "loopDelayMs"],
  ["loop-utilization", { maxLoopUtilization: 0.5 }, "loopUtilization"],
])("refuses for %s while the loop is busy, and no more when it is not", async (reason, limits, measure) => {
  const gauge = new LoadGauge({ ...limits, maxLoopHeld: 1 });
  const most = Object.values(limits)[0] as number;
  const busy = async (): Promise<void> => {
    hold(200);
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  while (gauge.refusal() === undefined) await busy();
  expect(gauge.refusal()).toMatchObject({ reason, retryAfterMs: 1_000, process: { [measure]: expect.any(Number) } });
  expect(gauge.read().process![measure]).toBeGreaterThan(most);
  expect(gauge.refusal({ maxLoopDelayMs: Infinity, maxLoopUtilization: 1 })).toBeUndefined();
  while (gauge.refusal() !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(gauge.read().process![measure]).toBeLessThanOrEqual(most);
});

it.each<[RefusalReason, LoadLimits]>([["heap-used", { maxHeapUsedBytes: 2 ** 20 }], ["rss", { maxRssBytes: 2 ** 20 }]])("refuses for %s, as the limits of the gauge or of a route say", (reason, limits) => {
  expect(new LoadGauge({ ...limits, maxLoopHeld: 1 }).refusal()).toMatchObject({ reason, process: { heapUsedBytes: expect.any(Number), rssBytes: expect.any(Number) } });
  const gauge = new LoadGauge({ maxHeapUsedBytes: 2 ** 40, maxRssBytes: 2 ** 50, maxLoopHeld: 1 });
  expect(gauge.refusal()).toBeUndefined();
  expect(gauge.refusal(limits)).toMatchObject({ reason });
  const { heapUsedBytes, rssBytes } = gauge.read().process!;
  expect(rssBytes).toBeGreaterThan(heapUsedBytes);
  expect(heapUsedBytes).toBeGreaterThan(2 ** 20);
});

it("samples nothing where no limit asks for it", () => {
  expect(new LoadGauge({ maxWaitMs: 5, maxLoopHeld: 1 }).read().process).toBeUndefined();
});

it("says when to try again: retryAfterMs at least, in whole seconds", () => {
  const gauge = new LoadGauge({ maxRssBytes: 1, maxLoopHeld: 1 });
  for (const [retryAfterMs, told] of [[0, 1_000], [1_200, 2_000], [30_000, 30_000]]) expect(gauge.refusal({ retryAfterMs: retryAfterMs! })!.retryAfterMs).toBe(told);
});

it("tells clients nothing of the program", async () => {
  const { pool, free } = await busyPool();
  const shed = shedLoad({ executor: pool, maxQueue: 1 });
  const { port } = await listen(createServer((request, response) => shed(request, response, () => response.end("done"))));
  expect(JSON.parse((await ask(port, "/x").answer).text)).toEqual({ statusCode: 503, code: "ERR_OFFLOOP_OVERLOADED", error: "Service Unavailable", message: "The server is overloaded and refused GET /x. Try again in 1 s." });
  await free();
});

it.each<[string, unknown]>([
  ["maxQueue", -1],
  ["maxWaitMs", "50"],
  ["maxLoopHeld", 1.5],
  ["maxLoopDelayMs", -1],
  ["maxLoopUtilization", 98],
  ["maxHeapUsedBytes", 0],
  ["maxRssBytes", "1 GB"],
  ["retryAfterMs", Infinity],
  ["executor", {}],
  ["onShed", "log"],
  ["maxWait", 50],
])("refuses the option %s: %o", (option, value) => {
  expect(() => shedLoad({ [option]: value } as ShedLoadOptions)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_OPTION", option }));
});

it("says how the middleware is called", () => {
  expect(() => (shedLoad() as unknown as (request: unknown, response: unknown) => void)({}, {})).toThrow("shed(request, response, () => handle(request, response))");
});
