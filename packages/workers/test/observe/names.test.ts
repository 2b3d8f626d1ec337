// The name of an executor, in its events and gauges.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { channels, InlineExecutor, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { executorGauges } from "@offloop/workers/observe";
import { expect, it, onTestFinished } from "vitest";
import * as calls from "../fixtures/calls.mjs";

/** The events that are published from now on, without their channels' prefix. */
function listen(): { event: string; executor: string; executorName: string }[] {
  const heard: { event: string; executor: string; executorName: string }[] = [];
  for (const { name } of Object.values(channels)) {
    const listener = (event: unknown) => heard.push({ event: name, ...(event as { executor: string; executorName: string }) });
    subscribe(name, listener);
    onTestFinished(() => void unsubscribe(name, listener));
  }
  return heard;
}

it.each([
  ["thread", () => new ThreadPoolExecutor({ name: "render", maxWorkers: 2 }), "render", 2],
  ["process", () => new ProcessPoolExecutor({ name: "render", maxWorkers: 2 }), "render", 2],
  ["thread", () => new ThreadPoolExecutor({ maxWorkers: 1 }), "thread", 1],
  ["inline", () => new InlineExecutor(), "inline", 1],
] as const)("the events and gauges of a %s executor have its name", async (kind, make, name, maxWorkers) => {
  const executor = make();
  expect([executor.kind, executor.name, executor.with({ name: "call" }).name, executor.stats().maxWorkers]).toEqual([kind, name, name, maxWorkers]);
  const heard = listen();
  expect(await executor.submit(calls.add, 1, 2)).toBe(3);
  expect(executorGauges()).toContainEqual({ kind, name, workers: 1, busy: 0, maxWorkers, queued: 0, running: 0 });
  await executor.shutdown();
  const events = [...["submitted", "sent", "settled"].map((step) => `call:${step}`), ...(kind === "inline" ? [] : ["exited", "ready", "started"].map((step) => `worker:${step}`))];
  expect(heard.map(({ event }) => event).toSorted()).toEqual(events.map((event) => `offloop:${event}`).toSorted());
  for (const event of heard) expect(event).toMatchObject({ executor: kind, executorName: name });
});

it("gauges add up executors of one kind and name, with what waits and runs", async () => {
  const pools = [0, 1].map(() => new ThreadPoolExecutor({ name: "added up", maxWorkers: 1 }));
  for (const pool of pools) await pool.warmUp();
  const waiting = Promise.allSettled(pools.flatMap((pool) => [pool.submit(calls.neverSettles), pool.submit(calls.neverSettles)]));
  await new Promise(setImmediate); // calls leave at the end of a turn
  const [gauges] = executorGauges().filter(({ name }) => name === "added up");
  expect({ ...gauges, queued: 0, running: gauges!.queued + gauges!.running }).toEqual({ kind: "thread", name: "added up", workers: 2, busy: 2, maxWorkers: 2, queued: 0, running: 4 });
  await Promise.all(pools.map((pool) => pool.shutdown({ cancelPending: true, timeoutMs: 0 })));
  await waiting;
  expect(executorGauges().filter(({ name }) => name === "added up")).toEqual([]);
});
