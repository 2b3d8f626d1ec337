// Workers that are blocked do not count against `maxWorkers`, in virtual time.
import { resolvePoolOptions } from "#workers/dispatch/pool-options.js";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { FakePool, functionOf, phases, states } from "./fake-pool.js";

/** One worker that runs a call for this share of a processor, and two calls that wait. */
async function oneBusy(busyShare: number, options = {}, fake = {}, profile = functionOf()): Promise<FakePool> {
  const pool = new FakePool({ maxWorkers: 1, maxBlockedWorkers: 2, ...options }, fake);
  const warm = pool.dispatcher.warmUp(1);
  pool.workers[0]!.open();
  await warm;
  pool.workers[0]!.busyShare = busyShare;
  pool.submitMany(3, profile);
  pool.world.settle();
  pool.workers[0]!.begin();
  return pool;
}

/** The time passes in steps, so that each look of the pool comes at its time. */
function pass(pool: FakePool, ms: number): void {
  for (let left = ms; left > 0; left -= 5) {
    pool.world.advance(5);
    for (const worker of pool.workers.filter((each) => !each.opened)) {
      worker.busyShare = pool.workers[0]!.busyShare;
      worker.open();
    }
    pool.world.settle();
    for (const worker of pool.workers) worker.begin();
  }
}

const running = (pool: FakePool): number => pool.workers.filter((worker) => worker.running !== undefined).length;

describe("a worker that uses less than half of a processor", () => {
  it.each([{ shared: true }, { shared: false }])("does not count: further workers run the calls that wait (%o)", async (fake) => {
    const pool = await oneBusy(0.4, {}, fake);
    pass(pool, 100);
    expect(running(pool)).toBe(3);
  });

  it("counts if it uses more", async () => {
    const pool = await oneBusy(0.6);
    pass(pool, 1_000);
    expect([running(pool), pool.workers.length, phases(pool.calls)]).toEqual([1, 1, ["sent", "queued", "queued"]]);
  });

  it("counts in a pool with maxWorkers, unless maxBlockedWorkers says so", async () => {
    const pool = await oneBusy(0, { maxBlockedWorkers: undefined });
    pass(pool, 1_000);
    expect(pool.workers.length).toBe(1);
  });

  it("lets maxBlockedWorkers further workers run, and no more", async () => {
    const pool = await oneBusy(0, { maxBlockedWorkers: 1 });
    pass(pool, 200);
    expect([running(pool), pool.workers.length]).toEqual([2, 2]);
  });

  it("is remembered for its function: the next calls wait for no look", async () => {
    const profile = functionOf();
    const pool = await oneBusy(0.1, {}, {}, profile);
    pass(pool, 100);
    for (const worker of pool.workers) worker.answer(1, 100);
    expect(states(pool.calls)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    pool.submitMany(3, profile);
    pool.world.settle();
    for (const worker of pool.workers) worker.begin();
    expect(running(pool)).toBe(3);
  });

  it("counts again when it computes, and the workers above maxWorkers get no further calls", async () => {
    const pool = await oneBusy(0);
    pass(pool, 100);
    for (const worker of pool.workers) worker.busyShare = 1;
    const more = pool.submitMany(3, functionOf());
    pass(pool, 100);
    for (const worker of pool.workers) worker.answer(1, 100);
    pool.world.settle();
    for (const worker of pool.workers) worker.begin();
    expect([running(pool), phases(more)]).toEqual([1, ["sent", "queued", "queued"]]);
  });

  it("is not looked for while no call waits", async () => {
    const pool = await oneBusy(0.1, { idleTimeoutMs: Infinity });
    for (let times = 0; times < 10; times += 1) {
      pass(pool, 50);
      for (const worker of pool.workers) if (worker.running !== undefined) worker.answer(1, 50);
    }
    pass(pool, 100);
    expect([states(pool.calls), pool.world.timers]).toEqual([["fulfilled", "fulfilled", "fulfilled"], 0]);
  });
});

describe("a worker that waits for a function of the caller", () => {
  it.each([{ shared: true }, { shared: false }])("does not count, however short the calls that wait are (%o)", async (fake) => {
    const pool = new FakePool({ maxWorkers: 1 }, fake);
    const warm = pool.dispatcher.warmUp(1);
    pool.workers[0]!.open();
    await warm;
    const first = pool.submit();
    pool.world.settle();
    pool.workers[0]!.begin();
    pool.workers[0]!.callsBack(1);
    const short = pool.submit({}, functionOf(0.001));
    pass(pool, 10);
    expect([pool.workers.length, running(pool)]).toEqual([2, 2]);
    pool.workers[1]!.answer("inner");
    expect([first.future.state, short.future.state]).toEqual(["pending", "fulfilled"]);
  });

  it("gives back the calls that it has not begun", async () => {
    const pool = new FakePool({ maxWorkers: 1 });
    const warm = pool.dispatcher.warmUp(1);
    pool.workers[0]!.open();
    await warm;
    const calls = pool.submitMany(3, functionOf(0.01));
    pool.world.settle();
    expect(phases(calls)).toEqual(["sent", "sent", "sent"]);
    pool.workers[0]!.begin();
    pool.workers[0]!.callsBack(1);
    pass(pool, 10);
    pool.workers[1]!.answer("second");
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["pending", "fulfilled", "fulfilled"]);
  });
});

it("a pool without maxWorkers may have as many blocked workers as Python's", () => {
  const cores = availableParallelism();
  const { maxWorkers, maxBlockedWorkers } = resolvePoolOptions();
  expect([maxWorkers, maxWorkers + maxBlockedWorkers]).toEqual([Math.max(1, cores - 1), Math.min(32, cores + 4)]);
  expect(resolvePoolOptions({ maxWorkers: 3 }).maxBlockedWorkers).toBe(0);
  expect(resolvePoolOptions({ minWorkers: 64 })).toMatchObject({ maxWorkers: 64, maxBlockedWorkers: 0 });
});
