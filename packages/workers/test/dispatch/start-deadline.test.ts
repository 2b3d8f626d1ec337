// Workers that do not start, and workers that do not begin a call, in virtual time.
import { STUCK_MS } from "#workers/dispatch/crash.js";
import { BEGIN_MS } from "#workers/dispatch/deadlines.js";
import { describe, expect, it } from "vitest";
import { FakePool, functionOf, phases, states } from "./fake-pool.js";

const kinds = [{ shared: true }, { shared: false }];

describe.each(kinds)("a worker that does not start (%o)", (kind) => {
  it("is ended at its deadline, and its calls reject with the option's name", async () => {
    const pool = new FakePool({ startTimeoutMs: 1_000 }, kind);
    const calls = [pool.submit(), pool.submit()];
    pool.world.settle();
    pool.world.advance(999);
    expect(states(calls)).toEqual(["pending", "pending"]);
    pool.world.advance(1);
    pool.world.settle();
    expect(pool.workers[0]).toMatchObject({ killed: true, gone: true });
    for (const call of calls) await expect(call.future).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_START", message: expect.stringContaining("startTimeoutMs") as string });
    await pool.dispatcher.shutdown();
    expect(pool.world.timers).toBe(0);
  });

  it("is given up if it does not end either", async () => {
    const pool = new FakePool({ startTimeoutMs: 1_000 }, { ...kind, diesAtOnce: false });
    const call = pool.submit();
    pool.world.settle();
    pool.world.advance(1_000 + STUCK_MS);
    await expect(call.future).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_START" });
    pool.workers[0]!.exit(); // it does after all
    await pool.dispatcher.shutdown();
    expect(pool.world.timers).toBe(0);
  });

  it("rejects warmUp()", async () => {
    const pool = new FakePool({ startTimeoutMs: 1_000 }, kind);
    const warm = pool.dispatcher.warmUp(1);
    pool.world.advance(1_000);
    await expect(warm).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_START", cause: { message: expect.stringContaining("startTimeoutMs") as string } });
  });

  it("is not ended for a pause of this program", () => {
    const pool = new FakePool({ startTimeoutMs: 1_000 }, kind);
    const call = pool.submit();
    pool.world.settle();
    pool.world.pause(60_000);
    pool.world.advance(100);
    pool.workers[0]!.open();
    pool.world.settle();
    pool.workers[0]!.runAll();
    expect(call.future.state).toBe("fulfilled");
    expect(pool.world.timers).toBe(1); // idleTimeoutMs
  });

  it("is not ended after it has started", () => {
    const pool = new FakePool({ startTimeoutMs: 1_000, idleTimeoutMs: Infinity }, kind);
    pool.submit();
    pool.world.settle();
    pool.workers[0]!.open();
    pool.world.advance(10_000);
    expect(pool.workers[0]).toMatchObject({ killed: false });
  });
});

it("a worker that was sent a refused call while it started serves the calls behind it", () => {
  const pool = new FakePool({ maxTasksPerWorker: 1 });
  void pool.dispatcher.warmUp(1);
  const worker = pool.workers[0]!;
  const send = worker.send.bind(worker);
  worker.send = (message) => {
    worker.send = send;
    throw new Error(`${message.type} cannot be cloned`);
  };
  const [refused, next] = [pool.submit(), pool.submit()];
  pool.world.settle();
  worker.open();
  pool.world.settle();
  worker.runAll();
  expect(states([refused, next])).toEqual(["rejected", "fulfilled"]);
});

describe("a call that its worker never begins", () => {
  async function blockedPool(shared: boolean): Promise<FakePool> {
    const pool = new FakePool({}, { shared });
    const warm = pool.dispatcher.warmUp(1);
    pool.workers[0]!.open();
    await warm;
    return pool;
  }

  it("runs on another thread", async () => {
    const pool = await blockedPool(true);
    const calls = [pool.submit({ runTimeoutMs: 500 }, functionOf(0.01)), pool.submit({}, functionOf(0.01))];
    pool.world.settle();
    pool.world.advance(500 + BEGIN_MS - 1);
    expect(pool.workers).toHaveLength(1);
    pool.world.advance(1);
    expect(pool.workers[0]!.killed).toBe(true);
    pool.workers[1]!.open();
    pool.world.settle();
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["fulfilled", "fulfilled"]);
  });

  it("rejects, if it is a process's call, and the calls behind it run elsewhere", async () => {
    const pool = await blockedPool(false);
    const first = pool.submit({ runTimeoutMs: 500, graceMs: 100 }, functionOf(0.01));
    const second = pool.submit({}, functionOf(0.01));
    pool.world.settle();
    pool.world.advance(500 + BEGIN_MS);
    await expect(first.future).rejects.toMatchObject({ stage: "run" });
    pool.world.advance(100);
    expect(pool.workers[0]!.killed).toBe(true);
    pool.workers[1]!.open();
    pool.world.settle();
    pool.workers[1]!.runAll();
    expect(second.future.state).toBe("fulfilled");
  });

  it.each(kinds)("is waited for while an earlier call runs (%o)", async ({ shared }) => {
    const pool = await blockedPool(shared);
    const [long, next] = [pool.submit({}, functionOf(0.01)), pool.submit({ runTimeoutMs: 500 }, functionOf(0.01))];
    pool.world.settle();
    pool.workers[0]!.begin();
    pool.world.advance(60_000);
    expect(pool.workers[0]!.killed).toBe(false);
    pool.workers[0]!.answer(1);
    pool.world.advance(1_000); // less than BEGIN_MS of its own
    pool.workers.forEach((worker) => worker.open());
    pool.world.settle();
    for (const worker of pool.workers) worker.runAll();
    expect(phases([long, next])).toEqual(["done", "done"]);
    expect(states([long, next])).toEqual(["fulfilled", "fulfilled"]);
  });
});
