import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { mergeSamples, RunSamples } from "#watchdog/cli/run-samples.js";
import type { Sample } from "#watchdog/protocol/sample.js";
import { SpooledSamples } from "#watchdog/report/spooled-samples.js";

const times = (longestMs: number) => ({ meanMs: 1, p99Ms: longestMs, longestMs });
const sampleOf = (pool: string | undefined, count = 1): Sample => ({
  at: 1_000 * count, upMs: count, delay: times(count), utilization: count / 10, heapUsedBytes: count, rssBytes: 2 * count, taskCount: count, waits: [["Queue.get()", count]],
  pools: pool === undefined ? [] : [{ kind: "thread", name: pool, maxWorkers: 2, queued: count, settled: 0, workers: [] }],
  calls: {
    executors: pool === undefined ? [] : [{ executor: pool, settled: count, wait: times(1), run: times(1) }], outcomes: [], requeues: [], exits: [],
    functions: pool === undefined ? [] : [{ name: "render", count, meanMs: 10 * count, longestMs: 20 * count, totalMs: 10 * count * count }], spans: [], leftOut: count,
  },
});

function spool(): string {
  const folder = mkdtempSync(join(tmpdir(), "offloop-samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it("adds up processes, and names the process of a pool if several have pools", () => {
  expect(mergeSamples([[7, sampleOf("render", 1)], [8, sampleOf(undefined, 3)]])).toMatchObject({ taskCount: 4, waits: [["Queue.get()", 4]], delay: times(3), utilization: 0.3, heapUsedBytes: 4, rssBytes: 8, pools: [{ name: "render", process: undefined }] });
  const { pools, calls } = mergeSamples([[7, sampleOf("render", 1)], [8, sampleOf("render", 3)]]);
  expect(pools.map(({ name, process }) => [name, process])).toEqual([["render", 7], ["render", 8]]);
  expect(calls.executors.map(({ executor, process, settled }) => [executor, process, settled])).toEqual([["render", 7, 1], ["render", 8, 3]]);
  expect(calls.functions).toEqual([{ name: "render", count: 4, totalMs: 100, meanMs: 25, longestMs: 60 }]);
  expect(calls.leftOut).toBe(4);
});

it("keeps the state of a process that does not answer, tells its calls once, and forgets one that has ended", async () => {
  const folder = spool();
  const alive = new Set([7, 8]);
  const samples = new RunSamples(folder, (pid) => alive.has(pid));
  expect(samples.read()).toBeUndefined();
  const write = (pid: number, sample: Sample): void => writeFileSync(join(folder, `${pid}-1.sample`), JSON.stringify(sample));
  write(7, sampleOf("render", 1));
  write(8, sampleOf("render", 3));
  expect(samples.read()).toMatchObject({ taskCount: 4, calls: { leftOut: 4 } });
  expect(readdirSync(folder)).toEqual(["serves-samples"]);
  expect(samples.read()).toBeUndefined();
  write(7, sampleOf("render", 2));
  expect(samples.read()).toMatchObject({ taskCount: 5, calls: { leftOut: 2, executors: [{ process: 7 }] } });
  alive.delete(8);
  write(7, sampleOf("render", 2));
  expect(samples.read()).toMatchObject({ taskCount: 2, pools: [{ process: undefined }] });
  rmSync(folder, { recursive: true });
  expect(samples.read()).toBeUndefined();
});

it("a process answers while somebody looks, and again when its sample was read", async () => {
  const folder = spool();
  const told: string[] = [];
  const run = new RunSamples(folder, () => true);
  const spooled: SpooledSamples = new SpooledSamples(folder, "7-1", { ask: () => (told.push("ask"), spooled.sampled(sampleOf("render", told.length))), release: () => told.push("release") });
  onTestFinished(() => spooled.close());
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  run.look();
  await until(() => existsSync(join(folder, "7-1.sample")));
  expect([told, run.read()?.taskCount]).toEqual([["ask"], 1]);
  await until(() => existsSync(join(folder, "7-1.sample")));
  expect([told, run.read()?.taskCount]).toEqual([["ask", "ask"], 2]);
  run.leave();
  await until(() => told.at(-1) === "release");
  spooled.sampled(sampleOf("render", 9)); // it was on its way
  expect(run.read()).toBeUndefined();
});
