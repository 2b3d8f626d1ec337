// What the dispatcher decides, in virtual time: envelopes, the fleet, rebalancing, deadlines, retries.
import { ENVELOPE_MICROS, NEXT_MICROS } from "#workers/dispatch/envelope.js";
import { SILENT_MS } from "#workers/dispatch/rebalance.js";
import { LARGEST_START_BACKOFF_MS, SMALLEST_START_BACKOFF_MS } from "#workers/dispatch/fleet.js";
import { STUCK_MS } from "#workers/dispatch/crash.js";
import { CallTimeoutError, CancelledError, PoisonCallError, WorkerCrashedError, WorkerStartError } from "@offloop/workers";
import { Call } from "#workers/dispatch/call.js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { rejection } from "../contract/executors.js";
import { FakePool, functionOf, phases, states } from "./fake-pool.js";

/** Workers that are ready, and idle. */
async function readyPool(count: number, options = {}, fake = {}): Promise<FakePool> {
  const pool = new FakePool({ maxWorkers: count, ...options }, fake);
  const warm = pool.dispatcher.warmUp(count);
  for (const worker of pool.workers) worker.open();
  await warm;
  return pool;
}

describe("envelopes", () => {
  it("hold as many short calls as fit into ENVELOPE_MICROS of expected work", async () => {
    const pool = await readyPool(1, {}, { capacity: 1_024 });
    pool.submitMany(200, functionOf(0.01));
    pool.world.settle();
    expect(pool.workers[0]!.envelopes[0]).toBe(ENVELOPE_MICROS / 10);
  });

  it("hold one call of an unmeasured function, and the next one waits for its answer", async () => {
    const pool = await readyPool(1);
    const calls = pool.submitMany(3, functionOf());
    pool.world.settle();
    expect(phases(calls)).toEqual(["sent", "queued", "queued"]);
    pool.workers[0]!.begin();
    pool.workers[0]!.answer(1, 5);
    expect(phases(calls)).toEqual(["done", "sent", "queued"]);
  });

  it("hold one call that is longer than an envelope; a busy thread also gets the next one", async () => {
    for (const shared of [true, false]) {
      const pool = await readyPool(1, {}, { shared });
      const calls = pool.submitMany(3, functionOf(NEXT_MICROS / 1_000));
      pool.world.settle();
      expect(pool.workers[0]!.envelopes).toEqual(shared ? [1, 1] : [1]);
      expect(phases(calls)).toEqual(["sent", shared ? "sent" : "queued", "queued"]);
    }
  });

  it("never hold more calls than the worker has slots", async () => {
    const pool = await readyPool(1, {}, { capacity: 8 });
    const calls = pool.submitMany(20, functionOf(0.001));
    pool.world.settle();
    expect(pool.workers[0]!.envelopes).toEqual([8]);
    while (pool.workers[0]!.runAll() > 0);
    expect(states(calls)).toEqual(Array.from({ length: 20 }, () => "fulfilled"));
  });

  it("spread a burst over idle workers", async () => {
    const pool = await readyPool(4, {}, { capacity: 1_024 });
    pool.submitMany(40, functionOf(0.02));
    pool.world.settle();
    expect(pool.workers.map((worker) => worker.envelopes)).toEqual([[10], [10], [10], [10]]);
  });

  it("take the calls of one turn together, but a long call at once if a worker is idle", async () => {
    const pool = await readyPool(1);
    const short = pool.submit({}, functionOf(0.001));
    expect(short.phase).toBe("queued");
    pool.world.settle();
    pool.workers[0]!.runAll();
    expect(pool.submit({}, functionOf(1)).phase).toBe("sent");
  });
});

describe("the fleet", () => {
  it("starts a worker for each unmeasured call, up to maxWorkers", () => {
    const pool = new FakePool({ maxWorkers: 3 });
    pool.submitMany(5, functionOf());
    pool.world.settle();
    expect(pool.workers).toHaveLength(3);
  });

  it("starts no second worker if the first will be done sooner", () => {
    const pool = new FakePool({ maxWorkers: 3 });
    pool.submitMany(5, functionOf(0.01));
    pool.world.settle();
    expect(pool.workers).toHaveLength(1);
  });

  it("prefers the worker that worked last", async () => {
    const pool = await readyPool(3);
    pool.submit({}, functionOf(1));
    pool.world.settle();
    const last = pool.workers.find((worker) => worker.queued === 1)!;
    pool.world.advance(5);
    last.runAll();
    pool.submit({}, functionOf(1));
    pool.world.settle();
    expect(last.queued).toBe(1);
  });

  it("ends workers that were idle for idleTimeoutMs, except minWorkers", async () => {
    const pool = await readyPool(3, { minWorkers: 1, idleTimeoutMs: 1_000 });
    pool.world.advance(400);
    pool.submit({}, functionOf(1));
    pool.world.settle();
    const busy = pool.workers.find((worker) => worker.queued === 1)!;
    pool.world.advance(5_000);
    expect(pool.workers.filter((worker) => worker.closing)).toHaveLength(2);
    expect(busy.closing).toBe(false);
    for (const worker of pool.workers) if (worker.closing) worker.exit({ exitCode: 0 });
    expect(pool.world.nextTimerMs).toBeUndefined();
  });

  it("checks for idle workers every half of idleTimeoutMs", async () => {
    const idleTimeoutMs = 1e10;
    const pool = await readyPool(2, { idleTimeoutMs });
    expect(pool.world.nextTimerMs).toBe(idleTimeoutMs / 2);
  });

  it("kills a closing worker that has not exited after closeTimeoutMs", async () => {
    const pool = await readyPool(1, { idleTimeoutMs: 10, closeTimeoutMs: 3_000 });
    pool.world.advance(20);
    const [worker] = pool.workers;
    expect(worker).toMatchObject({ closing: true, killed: false });
    pool.world.advance(3_000);
    expect(worker!.killed).toBe(true);
  });

  it("waits after a failed start, longer each time, and starts at once after a success", async () => {
    const pool = new FakePool({ maxWorkers: 2 });
    let backoffMs = SMALLEST_START_BACKOFF_MS;
    for (let round = 1; round <= 12; round += 1) {
      const call = pool.submit();
      pool.world.settle();
      pool.workers.at(-1)!.exit({ exitCode: 1 });
      expect(await rejection(call.future)).toBeInstanceOf(WorkerStartError);
      expect(pool.world.nextTimerMs).toBe(backoffMs);
      backoffMs = Math.min(LARGEST_START_BACKOFF_MS, backoffMs * 2);
    }
    expect(backoffMs).toBe(LARGEST_START_BACKOFF_MS);
  });

  it("counts workers as not started if several end before they have begun a call", async () => {
    const pool = new FakePool();
    const calls = pool.submitMany(2, functionOf());
    const fails = async (worker: number): Promise<void> => {
      pool.world.settle();
      pool.workers[worker]!.open();
      pool.workers[worker]!.exit({ exitCode: 1 });
    };
    for (const worker of [0, 1]) await fails(worker);
    expect(states(calls)).toEqual(["pending", "pending"]);
    await fails(2);
    for (const call of calls) expect(await rejection(call.future)).toBeInstanceOf(WorkerStartError);
    expect(pool.workers).toHaveLength(3);
    await pool.dispatcher.shutdown();
  });

  it("replaces workers that end between calls as often as needed, while calls are answered", async () => {
    const pool = new FakePool();
    const calls = pool.submitMany(6, functionOf());
    for (let worker = 0; worker < 6; worker += 1) {
      pool.world.settle();
      pool.workers[worker]!.open();
      pool.workers[worker]!.begin();
      pool.workers[worker]!.answer("done");
      pool.workers[worker]!.exit({ exitCode: 1 });
    }
    expect(states(calls)).toEqual(Array(6).fill("fulfilled"));
  });
});

describe("worn workers", () => {
  it("take maxTasksPerWorker calls, and the successor starts while the last one runs", async () => {
    const pool = await readyPool(1, { maxTasksPerWorker: 2 });
    const calls = pool.submitMany(3, functionOf());
    pool.world.settle();
    const [first] = pool.workers;
    first!.runAll(1);
    expect(pool.workers).toHaveLength(2);
    expect(first!.closing).toBe(true);
    pool.workers[1]!.open();
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  });

  it("never run more calls at once than maxWorkers, including their successors", async () => {
    const pool = await readyPool(2, { maxTasksPerWorker: 1 });
    pool.submitMany(10, functionOf(10));
    let most = 0;
    for (let round = 0; round < 20; round += 1) {
      pool.world.settle();
      for (const worker of pool.kind.alive) {
        if (!worker.opened) worker.open();
        worker.begin();
      }
      most = Math.max(most, pool.kind.alive.filter((worker) => worker.running !== undefined).length);
      pool.kind.alive.find((worker) => worker.running !== undefined)?.answer(1, 10);
      for (const worker of pool.kind.alive) if (worker.closing) worker.exit({ exitCode: 0 });
    }
    expect(most).toBe(2);
    expect(states(pool.calls)).toEqual(Array.from({ length: 10 }, () => "fulfilled"));
  });

  it.each([0, 1])("serve again when their calls were cancelled before they began (minWorkers %i)", (minWorkers) => {
    const pool = new FakePool({ minWorkers, maxTasksPerWorker: 1, closeTimeoutMs: 0 });
    const cancelled = pool.submit();
    pool.world.settle();
    expect(cancelled.phase).toBe("sent");
    cancelled.cancel("enough");
    const calls = [pool.submit(), pool.submit()];
    for (let round = 0; round < 4; round += 1) {
      pool.world.settle();
      for (const worker of pool.kind.alive) {
        if (!worker.opened) worker.open();
        worker.runAll();
        if (worker.closing) worker.exit({ exitCode: 0 });
      }
    }
    expect(states(calls)).toEqual(["fulfilled", "fulfilled"]);
  });

  it("end when their last call is taken back", async () => {
    const pool = await readyPool(1, { maxTasksPerWorker: 2 });
    const [first, second] = pool.submitMany(2, functionOf(0.01));
    pool.world.settle();
    const [worker] = pool.workers;
    worker!.begin();
    second!.cancel("enough");
    expect(worker!.closing).toBe(false);
    worker!.answer(1);
    expect(first!.future.state).toBe("fulfilled");
    expect(worker!.closing).toBe(true);
  });

  it("end at once when all their calls are taken back", async () => {
    const pool = await readyPool(1, { maxTasksPerWorker: 2 });
    const calls = pool.submitMany(2, functionOf(0.01));
    pool.world.settle();
    for (const call of calls) call.cancel("enough");
    expect(pool.workers[0]!.closing).toBe(true);
  });

  it("pass calls that they have not begun to an idle worker", async () => {
    const pool = await readyPool(2, { maxTasksPerWorker: 4 });
    const calls = pool.submitMany(8, functionOf(0.1));
    pool.world.settle();
    const [slow, quick] = pool.workers;
    slow!.begin();
    pool.world.advance(SILENT_MS);
    quick!.runAll(0.1);
    for (let round = 0; round < 5; round += 1) {
      pool.world.advance(SILENT_MS);
      for (const worker of pool.kind.alive) {
        if (!worker.opened) worker.open();
        if (worker !== slow) worker.runAll(0.1);
      }
    }
    expect(states(calls).filter((state) => state === "pending")).toHaveLength(1);
  });

  it("are replaced for a large heap and for their age", async () => {
    const pool = await readyPool(1, { maxWorkerAgeMs: 1_000 });
    pool.submit();
    pool.world.settle();
    pool.workers[0]!.begin();
    pool.workers[0]!.grow();
    pool.workers[0]!.answer(1);
    expect(pool.workers[0]!.closing).toBe(true);
    const later = pool.submit();
    pool.world.settle();
    pool.workers[1]!.open();
    pool.world.advance(1_000);
    pool.workers[1]!.runAll();
    expect(later.future.state).toBe("fulfilled");
    expect(pool.workers[1]!.closing).toBe(true);
  });

  it("do not age while they start", () => {
    const pool = new FakePool({ maxWorkerAgeMs: 1_000 }, { shared: false });
    pool.submit();
    pool.world.settle();
    pool.world.advance(5_000);
    pool.workers[0]!.open();
    pool.workers[0]!.runAll();
    const later = pool.submit();
    pool.world.settle();
    pool.workers[0]!.runAll();
    expect(later.future.state).toBe("fulfilled");
    expect(pool.workers).toHaveLength(1);
  });
});

describe("a worker that is silent for SILENT_MS", () => {
  it("loses its calls that have not begun to a worker that answers, and gets no more until it answers", async () => {
    const pool = await readyPool(2);
    const calls = pool.submitMany(8, functionOf(0.04));
    pool.world.settle();
    const [silent, other] = pool.workers;
    expect([silent!.queued, other!.queued]).toEqual([4, 4]);
    silent!.begin();
    pool.world.advance(SILENT_MS);
    other!.begin();
    other!.answer(1, 0.1);
    while (other!.runAll(0.1) > 0);
    expect(states(calls).filter((state) => state === "fulfilled")).toHaveLength(7);
    const next = pool.submitMany(4, functionOf(0.1));
    pool.world.settle();
    expect(other!.runAll(0.1)).toBe(4);
    expect(states(next)).toEqual(["fulfilled", "fulfilled", "fulfilled", "fulfilled"]);
    silent!.answer(1, 5);
    pool.submitMany(8, functionOf(0.1));
    pool.world.settle();
    expect(silent!.queued).toBeGreaterThan(0);
  });

  it("keeps its calls if the pool cannot see whether they have begun", async () => {
    const pool = await readyPool(2, {}, { shared: false });
    pool.submitMany(8, functionOf(0.1));
    pool.world.settle();
    const [silent, other] = pool.workers;
    silent!.begin();
    pool.world.advance(SILENT_MS);
    expect(other!.runAll(0.1)).toBe(4);
    pool.world.advance(10 * SILENT_MS);
    expect([silent!.queued, other!.queued]).toEqual([3, 0]);
  });

  it("loses half of its calls as soon as another worker is ready, while it starts", () => {
    const pool = new FakePool({ maxWorkers: 2 });
    const calls = pool.submitMany(8, functionOf(0.05));
    pool.world.settle();
    const [starting] = pool.workers;
    expect(starting!.queued).toBe(8);
    pool.submitMany(2, functionOf(10));
    pool.world.settle();
    const [, second] = pool.workers;
    second!.open();
    while (second!.runAll() > 0);
    expect(states(calls).filter((state) => state === "fulfilled").length).toBeGreaterThanOrEqual(4);
  });
});

describe("deadlines", () => {
  it.each([true, false])("queueTimeoutMs ends a call that waits, or that was sent and has not begun, and no other call (shared memory: %s)", async (shared) => {
    const pool = await readyPool(1, {}, { shared });
    const [running, sent] = pool.submitMany(2, functionOf(0.1), { queueTimeoutMs: 50, onCancel: "wait" });
    pool.world.settle();
    pool.workers[0]!.begin();
    const waiting = pool.submit({ queueTimeoutMs: 50 });
    pool.world.advance(50);
    expect(states([running!, sent!, waiting])).toEqual(["pending", "rejected", "rejected"]);
    expect(await rejection(sent!.future)).toMatchObject({ stage: "queue" });
    pool.workers[0]!.answer("done");
    expect(await running!.future).toBe("done");
    expect(pool.workers[0]!.begin()).toBeUndefined();
    expect(phases(pool.calls)).toEqual(["done", "done", "done"]);
  });

  it("queueTimeoutMs does not end a call that is being stopped", async () => {
    const pool = await readyPool(1);
    const call = pool.submit({ queueTimeoutMs: 50, onCancel: "wait" });
    pool.world.settle();
    pool.workers[0]!.begin();
    call.cancel("enough");
    pool.world.advance(60);
    expect(call.future.state).toBe("pending");
    pool.workers[0]!.fail(new Error("stopped"));
    expect(await rejection(call.future)).toBeInstanceOf(CancelledError);
  });

  it.each([true, false])("runTimeoutMs counts from the start of each call, with shared memory (%s) and without", async (shared) => {
    const pool = await readyPool(1, {}, { shared });
    const calls = pool.submitMany(4, functionOf(0.1), { runTimeoutMs: 200, graceMs: 1_000 });
    pool.world.settle();
    const [worker] = pool.workers;
    expect(worker!.queued).toBe(4);
    pool.world.advance(150);
    worker!.begin();
    worker!.answer("first", 0.1);
    pool.world.advance(100);
    worker!.begin();
    pool.world.advance(199);
    expect(states(calls)).toEqual(["fulfilled", "pending", "pending", "pending"]);
    pool.world.advance(1);
    expect(states(calls)).toEqual(["fulfilled", "rejected", "pending", "pending"]);
    expect(await rejection(calls[1]!.future)).toBeInstanceOf(CallTimeoutError);
    expect(worker!.told).toBe(true);
    pool.world.advance(1_000);
    expect(worker!.killed).toBe(true);
    pool.world.settle();
    pool.workers[1]!.open();
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(pool.dispatcher.books.counts.crashes).toBe(0);
  });

  it("a very long deadline is not shortened", async () => {
    const pool = await readyPool(1, { idleTimeoutMs: Infinity });
    pool.submit({ queueTimeoutMs: 1e11, runTimeoutMs: 1e11, graceMs: 1e11 });
    pool.world.settle();
    pool.workers[0]!.begin();
    pool.world.advance(1e10);
    expect(states(pool.calls)).toEqual(["pending"]);
  });
});

describe("a worker that exits", () => {
  it("loses the call that it ran, and its other calls run elsewhere", async () => {
    const pool = await readyPool(1);
    const calls = pool.submitMany(3, functionOf(0.1));
    pool.world.settle();
    pool.workers[0]!.begin();
    pool.workers[0]!.exit({ exitCode: 7 });
    expect(states(calls)).toEqual(["rejected", "pending", "pending"]);
    expect(await rejection(calls[0]!.future)).toBeInstanceOf(WorkerCrashedError);
    pool.world.settle();
    pool.workers[1]!.open();
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });

  it("has its call retried as often as `retries` allows, at most three times", async () => {
    for (const [retries, expected] of [[0, 1], [1, 2], [9, 3]] as const) {
      const pool = await readyPool(1);
      const call = pool.submit({ retries });
      let runs = 0;
      for (; call.future.state === "pending"; runs += 1) {
        pool.world.settle();
        const worker = pool.workers.at(-1)!;
        if (!worker.opened) worker.open();
        worker.begin();
        worker.exit({ exitCode: 7 });
      }
      expect(runs).toBe(expected);
      expect(await rejection(call.future)).toBeInstanceOf(retries === 9 ? PoisonCallError : WorkerCrashedError);
    }
  });
});

describe("broadcasts", () => {
  it("run once on every worker, beside its other calls, and on no new worker", async () => {
    const pool = await readyPool(2);
    const calls = pool.broadcast();
    expect(phases(calls)).toEqual(["sent", "sent"]);
    pool.workers[0]!.exit({ exitCode: 1 });
    pool.workers[1]!.runAll();
    expect(states(calls)).toEqual(["rejected", "fulfilled"]);
  });

  it("wait for a free slot of their worker, in any number", async () => {
    const pool = await readyPool(1, {}, { capacity: 8 });
    const calls = Array.from({ length: 30 }, () => pool.broadcast()).flat();
    expect(pool.workers[0]!.queued).toBe(8);
    expect(pool.dispatcher.waiting).toBe(22);
    while (pool.workers[0]!.runAll() > 0);
    expect(states(calls)).toEqual(Array.from({ length: 30 }, () => "fulfilled"));
    expect(pool.dispatcher.waiting).toBe(0);
  });

  it("that wait end with their worker, by a cancellation, and by a shutdown", async () => {
    for (const end of ["exit", "cancel", "shutdown", "timeout"]) {
      const pool = await readyPool(1, {}, { capacity: 2 });
      const calls = Array.from({ length: 6 }, () => pool.broadcast(end === "timeout" ? { queueTimeoutMs: 5 } : {})).flat();
      pool.workers[0]!.begin();
      if (end === "exit") pool.workers[0]!.exit({ exitCode: 1 });
      else if (end === "cancel") for (const call of calls) call.cancel("enough");
      else if (end === "timeout") pool.world.advance(5);
      else void pool.dispatcher.shutdown({ timeoutMs: 0 });
      pool.world.advance(1);
      expect(states(calls).slice(1), end).not.toContain("pending");
      expect(pool.dispatcher.waiting, end).toBe(0);
    }
  });

  it("acquire their limiter, and release it", async () => {
    const pool = await readyPool(3);
    let room = 2;
    const waiting: (() => void)[] = [];
    const limiter = {
      acquire: () => (room > 0 ? void (room -= 1) : new Promise<void>((resolve) => waiting.push(resolve))),
      release: () => (waiting.length > 0 ? waiting.shift()!() : void (room += 1)),
    };
    const calls = pool.broadcast({ limiter });
    expect(phases(calls)).toEqual(["sent", "sent", "locating"]);
    pool.workers[0]!.runAll();
    await Promise.resolve();
    expect(phases(calls)).toEqual(["done", "sent", "sent"]);
    for (const worker of pool.workers) worker.runAll();
    expect(states(calls)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect(room).toBe(2);
  });
});

describe("a call that is cancelled behind another one, on a worker without shared memory,", () => {
  it.each([
    ["in its grace time", { graceMs: 1_000 }],
    ["without a grace time", { graceMs: 0 }],
    ["with its worker to be ended", { onCancel: "terminate" }],
    ["and its caller waits", { onCancel: "wait", graceMs: 1_000 }],
  ] as const)("leaves the one that runs alone, and its worker alive: %s", async (_, options) => {
    const pool = await readyPool(1, {}, { shared: false });
    const [running, behind] = pool.submitMany(2, functionOf(0.1), options);
    pool.world.settle();
    pool.workers[0]!.begin();
    behind!.cancel("not needed any more");
    pool.world.advance(60_000);
    expect(pool.workers[0]!.killed).toBe(false);
    expect(running!.phase).toBe("sent");
    pool.workers[0]!.answer(1, 5);
    pool.workers[0]!.runAll();
    pool.world.advance(2_000);
    expect(states([running!, behind!])).toEqual(["fulfilled", "cancelled"]);
    expect(pool.workers[0]!.killed).toBe(false);
  });

  it("ends its worker if it is not skipped when its turn has come", async () => {
    const pool = await readyPool(1, {}, { shared: false });
    const [running, behind] = pool.submitMany(2, functionOf(0.1), { graceMs: 1_000 });
    pool.world.settle();
    pool.workers[0]!.begin();
    behind!.cancel("not needed any more");
    pool.world.advance(1_500);
    pool.workers[0]!.answer(1, 5);
    expect(running!.phase).toBe("done");
    pool.world.advance(500);
    expect(pool.workers[0]!.killed).toBe(false); // the grace time begins with its turn
    pool.world.advance(1_000);
    expect(pool.workers[0]!.killed).toBe(true);
  });
});

describe("a shutdown", () => {
  it("ends when a worker exits by itself just before or just after it was told to close", async () => {
    for (const order of ["before", "after"]) {
      const pool = await readyPool(1);
      if (order === "before") pool.workers[0]!.exit({ exitCode: 0 });
      const closed = pool.dispatcher.shutdown();
      await Promise.resolve();
      pool.workers[0]!.exit({ exitCode: 0 });
      await closed;
      expect(pool.world.timers, order).toBe(0);
    }
  });

  it("kills at its timeoutMs a worker that does not close, and at closeTimeoutMs without one", async () => {
    for (const timeoutMs of [0, Infinity]) {
      const pool = await readyPool(1, { closeTimeoutMs: timeoutMs === 0 ? Infinity : 5_000 });
      const closed = pool.dispatcher.shutdown({ timeoutMs });
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      expect(pool.workers[0]).toMatchObject({ closing: true, killed: false });
      pool.world.advance(timeoutMs === 0 ? 0 : 5_000);
      expect(pool.workers[0]!.killed).toBe(true);
      await closed;
    }
  });

  it("settles every call at its timeoutMs, though a killed worker takes longer to exit", async () => {
    const pool = await readyPool(1, {}, { diesAtOnce: false });
    const calls = pool.submitMany(4, functionOf(0.1));
    pool.world.settle();
    pool.workers[0]!.begin();
    let ended = false;
    const closed = pool.dispatcher.shutdown({ timeoutMs: 300 }).then(() => (ended = true));
    pool.world.advance(300);
    expect(states(calls)).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(ended).toBe(false);
    pool.workers[0]!.exit();
    await closed;
  });

  it("ends at a stated time after its timeoutMs though a killed worker never exits, and says so", async () => {
    const pool = await readyPool(1, {}, { diesAtOnce: false });
    pool.submitMany(2, functionOf(0.1));
    pool.world.settle();
    pool.workers[0]!.begin();
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    const closed = pool.dispatcher.shutdown({ timeoutMs: 300 });
    pool.world.advance(300);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    pool.world.advance(STUCK_MS);
    await closed;
    expect(pool.world.timers).toBe(0);
    expect((await warned).message).toMatch(/^Worker 1 does not end/);
    pool.workers[0]!.exit(); // it does after all
    expect(pool.dispatcher.fleet.lanes.size).toBe(0);
  });
});

describe("a call that no longer waits", () => {
  it("releases its arguments and its place, also behind a call that still waits", async () => {
    const pool = await readyPool(1);
    pool.submit();
    pool.world.settle();
    pool.workers[0]!.begin();
    const front = pool.submit();
    const large = { bytes: new Uint8Array(1_000) };
    const waiting = Array.from({ length: 1_000 }, () => pool.submit({ queueTimeoutMs: 5 }, functionOf(), [large]));
    const last = pool.submit();
    pool.world.advance(5);
    expect(front.phase).toBe("queued");
    expect(new Set(waiting.map((call) => call.args.length))).toEqual(new Set([0]));
    const looks = vi.spyOn(Call.prototype, "waiting", "get");
    onTestFinished(() => looks.mockRestore());
    for (let answers = 3; answers > 0; answers -= 1) {
      pool.workers[0]!.answer("done");
      pool.world.settle();
      pool.workers[0]!.begin();
    }
    expect(phases([front, last])).toEqual(["done", "done"]);
    expect(looks.mock.calls.length).toBeLessThan(100); // few of the 1,000 are still in the queue
  });
});
