import { channel } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { collectOffloopMetrics } from "@offloop/prometheus";
import { stallChannels } from "@offloop/watchdog";
import { type CallSettledEvent, channels } from "@offloop/workers";
import { register as globalRegister, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { kinds, makePool, publishStall, startCollecting } from "./collecting.js";
import * as work from "./fixtures/work.mjs";

const heard = (): string[] => [...Object.values(channels).map(({ name }) => name), ...Object.values(stallChannels)].filter((name) => channel(name).hasSubscribers);
const failed = (promise: PromiseLike<unknown>): Promise<unknown> => Promise.resolve(promise).then(() => expect.unreachable(), (error: unknown) => error);

describe.each(kinds)("%s", (kind) => {
  it("has the wait and run times of calls, by executor and outcome, in seconds", async () => {
    const { values, scrape } = startCollecting();
    const pool = makePool(kind, { name: "sums" });
    await pool.submit(work.add, 1, 2);
    await pool.submit(work.add, 1, 2);
    await failed(pool.submit(work.refuses));
    await failed(pool.with({ signal: AbortSignal.abort() }).submit(work.add, 1, 2));
    const counts = async (name: string) => (await values(`offloop_call_${name}_seconds_count`)).map(({ labels, value }) => [labels["outcome"], value]);
    expect(await counts("wait")).toEqual([["fulfilled", 2], ["rejected", 1], ["cancelled", 1]]);
    expect(await counts("run")).toEqual([["fulfilled", 2], ["rejected", 1]]); // no worker began the cancelled one
    const buckets = (await values("offloop_call_run_seconds_bucket")).filter(({ labels }) => labels["outcome"] === "fulfilled");
    expect(buckets.map(({ labels }) => labels["le"])).toEqual([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, "+Inf"]);
    expect(buckets[0]!.labels).toEqual({ executor: "sums", kind, outcome: "fulfilled", le: 0.0001 });
    const [sum] = await values("offloop_call_run_seconds_sum");
    expect(sum!.value).toBeGreaterThan(0);
    expect(sum!.value).toBeLessThan(60);
    expect(await scrape()).toContain(`offloop_call_wait_seconds_count{executor="sums",kind="${kind}",outcome="rejected"} 1\n`);
  });

  it("has workers, busy workers and calls of each executor that lives", async () => {
    const { values } = startCollecting();
    const pool = makePool(kind, { name: "gauges", maxWorkers: 2 });
    const gauge = async (name: string) => (await values(`offloop_executor_${name}`)).filter(({ labels }) => labels["executor"] === "gauges").map(({ labels, value }) => [labels["kind"], value]);
    expect([await gauge("workers"), await gauge("max_workers")]).toEqual([[[kind, 0]], [[kind, 2]]]);
    await pool.warmUp(2);
    const calls = Promise.allSettled(Array.from({ length: 5 }, () => pool.submit(work.waits)));
    await new Promise(setImmediate); // calls leave at the end of a turn
    expect([await gauge("workers"), await gauge("busy_workers")]).toEqual([[[kind, 2]], [[kind, 2]]]);
    const [[, queued]] = (await gauge("queued_calls")) as [[string, number]];
    const [[, running]] = (await gauge("running_calls")) as [[string, number]];
    expect(queued + running).toBe(5);
    await pool.shutdown({ cancelPending: true, timeoutMs: 0 });
    await calls;
    expect(await gauge("workers")).toEqual([]);
  });

  it("counts ends of workers, and calls that return to the queue", async () => {
    const { values, scrape } = startCollecting();
    const pool = makePool(kind);
    await failed(pool.with({ retries: 1 }).submit(work.exits));
    await pool.submit(work.add, 1, 2);
    await pool.shutdown();
    expect(await values("offloop_call_requeues_total")).toMatchObject([{ labels: { executor: kind, kind }, value: 1 }]);
    expect((await values("offloop_worker_exits_total")).map(({ labels, value }) => [labels["expected"], value])).toEqual([["false", 2], ["true", 1]]);
    await scrape();
  });
});

it("has the stalls that watchdogs report", async () => {
  const { values, scrape } = startCollecting();
  expect((await values("offloop_stalls_total")).map(({ value }) => value)).toEqual([0]);
  publishStall("script", 150);
  publishStall("script", 350);
  publishStall("native", 40);
  const all = Promise.all(["offloop_stalls_total", "offloop_stalled_seconds_total", "offloop_longest_stall_seconds"].map(async (name) => (await values(name))[0]!.value));
  expect(await all).toEqual([3, 0.54, 0.35]);
  expect((await values("offloop_stall_seconds_count")).map(({ labels, value }) => [labels["kind"], value])).toEqual([["script", 2], ["native", 1]]);
  await scrape();
});

/** Publishes calls as a program does that has this many names of functions and executors. */
function publishCalls(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const call: CallSettledEvent = { callId: index, callName: `function ${index}`, executor: "thread", executorName: `pool ${index}`, outcome: "fulfilled", queuedMs: 1, runMs: 1, host: undefined };
    channels.callSettled.publish(call);
    channels.workerExited.publish({ workerId: index, executor: "thread", executorName: call.executorName, expected: true, exit: {} as never });
  }
}

it("keeps the number of series bounded: 100,000 names of functions and executors", async () => {
  const { values } = startCollecting();
  publishCalls(100_000);
  const counts = await values("offloop_call_run_seconds_count");
  expect(counts).toHaveLength(51);
  expect(counts.at(-1)).toMatchObject({ labels: { executor: "other", kind: "other" }, value: 99_950 });
  expect(await values("offloop_worker_exits_total")).toHaveLength(51);
  expect(counts[0]!.labels).not.toHaveProperty("function");
});

it("tells the first functions apart, if asked to", async () => {
  const { values, scrape } = startCollecting({ functions: 2 });
  const call = (callName: string) => channels.callSettled.publish({ callId: 1, callName, executor: "thread", executorName: "thread", outcome: "fulfilled", queuedMs: 1, runMs: undefined, host: undefined });
  for (const name of ["a", "b", 'c"\n', "a", "d"]) call(name);
  expect((await values("offloop_call_wait_seconds_count")).map(({ labels, value }) => [labels["function"], value])).toEqual([["a", 2], ["b", 1], ["other", 2]]);
  for (let index = 0; index < 100_000; index += 1) call(`function ${index}`);
  expect(await values("offloop_call_wait_seconds_count")).toHaveLength(3);
  await scrape();
});

it("takes the global registry without another, and leaves nothing behind", async () => {
  const before = heard();
  const metrics = collectOffloopMetrics();
  expect(heard().filter((name) => !before.includes(name))).toEqual(["offloop:call:requeued", "offloop:call:settled", "offloop:worker:exited", "offloop:stall:end"]);
  expect(await globalRegister.metrics()).toContain("offloop_stalls_total 0");
  metrics.stop();
  metrics.stop();
  expect(heard()).toEqual(before);
  expect(globalRegister.getMetricsAsArray()).toEqual([]);
  {
    using again = collectOffloopMetrics();
    expect(again).toHaveProperty("stop");
  }
  expect(globalRegister.getMetricsAsArray()).toEqual([]);
});

it("refuses a registry that has the metrics, and leaves it as it was", () => {
  const register = new Registry();
  const first = collectOffloopMetrics({ register });
  const names = register.getMetricsAsArray().map(({ name }) => name);
  expect(() => collectOffloopMetrics({ register })).toThrow("the registry has a metric offloop_call_wait_seconds already. Call stop() of what collectOffloopMetrics() returned before, or give another registry.");
  expect(register.getMetricsAsArray().map(({ name }) => name)).toEqual(names);
  first.stop();
  collectOffloopMetrics({ register }).stop();
});

it("keeps the metrics of others in the registry", async () => {
  const register = new Registry();
  const { metrics } = startCollecting({ register });
  register.clear(); // by the program
  const other = collectOffloopMetrics({ register });
  metrics.stop();
  expect(register.getSingleMetric("offloop_stalls_total")).toBeDefined();
  other.stop();
});

it("is the same for require()", () => {
  const required = createRequire(import.meta.url)("@offloop/prometheus") as { collectOffloopMetrics: unknown };
  expect(required.collectOffloopMetrics).toBe(collectOffloopMetrics);
});

it.each([
  [{ registry: new Registry() }, "unknown option `registry` of collectOffloopMetrics(); did you mean `register`?"],
  [{ register: {} }, "register of collectOffloopMetrics() takes a Registry of prom-client; got an object (Object)."],
  [{ functions: -1 }, "functions of collectOffloopMetrics() takes an integer from 0 to 1000; got -1."],
])("refuses %o", (options, message) => {
  const before = heard();
  expect(() => collectOffloopMetrics(options as never)).toThrow(message);
  expect(heard()).toEqual(before);
});
