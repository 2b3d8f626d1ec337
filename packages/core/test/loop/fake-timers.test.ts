// Test runners fake timers. The loop, its threads and its processes keep to the real ones. In each case the first
// call of a pool comes when the timers are faked, so the pools are loaded under the fakes.
import { createTask, fromThread, gather, getRunningLoop, Queue, run, shutdownDefaultExecutor, sleep, timeout, TimeoutError, toProcess, toThread, VirtualTimeLoop } from "@offloop/core";
import { mock } from "node:test";
import { afterEach, expect, it, vi } from "vitest";

const real = { setTimeout, setImmediate, queueMicrotask, clearTimeout, setInterval, clearInterval, nextTick: process.nextTick, now: performance.now };

const fakes: Record<string, () => void> = {
  "vitest's": () =>
    void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "Date", "performance", "queueMicrotask"], now: 0 }),
  "node:test's": () => mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate", "Date"], now: 0 }),
  "timers that do nothing": () => {
    const never = (): never => undefined as never;
    Object.assign(globalThis, { setTimeout: never, clearTimeout: never, setInterval: never, clearInterval: never, setImmediate: never, queueMicrotask: never });
    process.nextTick = never;
    performance.now = () => 0;
  },
};

afterEach(async () => {
  vi.useRealTimers();
  mock.timers.reset();
  const { nextTick, now, setTimeout, setImmediate, queueMicrotask, clearTimeout, setInterval, clearInterval } = real;
  Object.assign(globalThis, { setTimeout, setImmediate, queueMicrotask, clearTimeout, setInterval, clearInterval });
  process.nextTick = nextTick;
  performance.now = now;
});

it.each(Object.keys(fakes))("works under %s", async (name) => {
  fakes[name]!();
  const seen: unknown[] = [];
  await run(async () => {
    const began = getRunningLoop().time();
    await sleep(5);
    expect(getRunningLoop().time() - began).toBeGreaterThanOrEqual(5);
    await expect(timeout(1, () => sleep(60_000))).rejects.toBeInstanceOf(TimeoutError);
    expect(await gather([sleep(1, { result: "slept" }), createTask(() => toThread(() => 6 * 7)), toProcess(() => process.ppid)])).toEqual(["slept", 42, process.pid]);
    getRunningLoop().callSoon(() => seen.push("soon"));
    getRunningLoop().callLater(1, () => seen.push("later"));
    expect(await toThread(async () => await fromThread(() => "called back"))).toBe("called back");
    await expect(toThread.with({ runTimeoutMs: 5, graceMs: 1 })(() => new Promise(() => {}))).rejects.toThrow(/5 ms/);
    await sleep(2);
  });
  expect(seen.toSorted()).toEqual(["later", "soon"]);
  // Outside tasks, and in virtual time.
  const queue = new Queue<number>();
  const item = queue.get();
  queue.putNowait(1);
  expect(await item).toBe(1);
  expect(await createTask(async () => await sleep(1, { result: "task" }))).toBe("task");
  expect(await run(async () => getRunningLoop().time(), { loopFactory: () => new VirtualTimeLoop({ startMs: 7 }) })).toBe(7);
  await run(() => sleep(3_600_000), { loopFactory: () => new VirtualTimeLoop() });
  await shutdownDefaultExecutor();
});
