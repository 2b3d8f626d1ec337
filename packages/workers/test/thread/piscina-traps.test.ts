// Each known trap of piscina, tested as a caller would observe it. The cost of the last one is measured by
// `pnpm bench --suite workers-64`.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelledError, QueueFullError, type ThreadPoolOptions, ThreadPoolExecutor } from "@offloop/workers";
import { PoolExecutor, resolvePoolOptions, Slots, type StartedWorker, type WorkerKind } from "@offloop/workers/pool";
import { serveCalls } from "@offloop/workers/worker";
import { afterEach, expect, it } from "vitest";
import { hold, rejection, until } from "../contract/executors.js";
import * as calls from "../fixtures/calls.mjs";

const made: ThreadPoolExecutor[] = [];
afterEach(() => Promise.all(made.splice(0).map((pool) => pool.shutdown({ timeoutMs: 0 }))));
function pool(options: ThreadPoolOptions): ThreadPoolExecutor {
  const executor = new ThreadPoolExecutor(options);
  made.push(executor);
  return executor;
}
const file = (name: string): string => join(mkdtempSync(join(tmpdir(), "offloop-")), name);

it("1: shutdown waits for running calls on several workers", async () => {
  const executor = pool({ maxWorkers: 2 });
  const futures = [executor.submit(calls.spinsDeaf, 5), executor.submit(calls.spinsDeaf, 200)];
  await executor.shutdown();
  expect(await Promise.all(futures)).toEqual(["done", "done"]);
});

it("2: maxQueue holds for calls with a signal", async () => {
  const executor = pool({ maxWorkers: 1, maxQueue: 2 });
  const { signal } = new AbortController();
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => executor.with({ signal }).submit(calls.add, 1, 1)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(QueueFullError);
});

it("3: maxQueue 0 takes a call for each worker, and a refused call does not run", async () => {
  const executor = pool({ maxWorkers: 1, maxQueue: 0 });
  await executor.submit(calls.add, 1, 1);
  const { running, release } = await hold(executor, { file });
  const marker = file("marker");
  const refused = await rejection(executor.submit(calls.appends, marker, "ran"));
  expect(refused).toMatchObject({ code: "ERR_OFFLOOP_CALL_QUEUE_FULL" });
  release();
  await running;
  await executor.shutdown();
  expect(existsSync(marker)).toBe(false);
});

it("4: priorities hold with and without signals", async () => {
  const executor = pool({ maxWorkers: 1 });
  await executor.submit(calls.spinsDeaf, 0); // located from here on, so that all below are queued at once
  const { running, release } = await hold(executor, { file });
  const order: string[] = [];
  const { signal } = new AbortController();
  const futures = [["low", -1], ["normal", 0], ["high", 10]].flatMap(([label, priority]) =>
    [undefined, signal].map((each) =>
      executor.with({ priority: priority as number, signal: each }).submit(calls.spinsDeaf, 0).then(() => order.push(label as string)),
    ),
  );
  release();
  await Promise.all([running, ...futures]);
  expect(order).toEqual(["high", "high", "normal", "normal", "low", "low"]);
});

it("5: with no workers kept, the queue goes on after a cancellation and after a crash", async () => {
  const executor = pool({ minWorkers: 0, maxWorkers: 1 });
  const marker = file("marker");
  const stuck = executor.with({ graceMs: 0 }).submit(calls.spinsDeaf, 60_000, marker);
  const after = executor.submit(calls.add, 1, 1);
  await until(() => existsSync(marker));
  stuck.cancel();
  expect(await rejection(stuck)).toBeInstanceOf(CancelledError);
  expect(await after).toBe(2);
  const crashed = rejection(executor.submit(calls.exits, 1));
  const last = executor.submit(calls.add, 2, 2);
  await crashed;
  expect(await last).toBe(4);
});

it("6: a worker that fails to start fails its calls, and the next one starts", async () => {
  const executor = pool({ maxWorkers: 2, execArgv: ["--import", import.meta.resolve("#workers/testing/fixtures/fails-unless-marked.js")] });
  const failed = await Promise.all(Array.from({ length: 3 }, () => rejection(executor.submit(calls.add, 1, 1))));
  for (const error of failed) expect(error).toMatchObject({ code: "ERR_OFFLOOP_WORKER_START" });
  process.env.OFFLOOP_TEST_START = "1";
  try {
    expect(await executor.submit(calls.add, 1, 1)).toBe(2);
  } finally {
    delete process.env.OFFLOOP_TEST_START;
  }
});

it("7: throw null rejects", async () => {
  expect(await pool({ maxWorkers: 1 }).submit(calls.throwsValue, null).then(() => "fulfilled", (error) => error)).toBe(null);
});

it("8: a return value, a thrown value or a cause that cannot be cloned leaves the worker alive, and says what it was", async () => {
  const executor = pool({ maxWorkers: 1 });
  expect(await rejection(executor.submit(calls.returnsFunction))).toMatchObject({ code: "ERR_OFFLOOP_CLONE", path: "result.view.render" });
  expect(await rejection(executor.submit(calls.throwsFunction))).toContain("could not be cloned");
  expect((await rejection(executor.submit(calls.returnsRejectedCause))).cause.socket).toContain("could not be cloned");
  expect(executor.stats()).toMatchObject({ workersStarted: 1, crashes: 0 });
});

it("9: an error keeps its class, name, code, own properties and nested errors", async () => {
  const executor = pool({ maxWorkers: 1 });
  const error = await rejection(executor.submit(calls.throwsRenderError));
  expect(error.constructor.name).toBe("RenderError");
  expect(error).toMatchObject({ name: "RenderError", code: "E_RENDER", document: { line: 3 } });
  expect((await rejection(executor.submit(calls.throwsAggregate))).errors).toHaveLength(2);
});

it("10: an idle worker's timers go on, and its late errors are not the next call's", async () => {
  const executor = pool({ maxWorkers: 1 });
  await executor.submit(calls.setsTimer);
  const before = (await executor.submit(calls.readsTicks)) as number;
  let ticks = before;
  while (ticks < before + 3) ticks = (await executor.submit(calls.readsTicks)) as number;
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  expect(await executor.submit(calls.throwsLater)).toBe("returned first");
  expect((await warned).message).toContain("nobody awaits this");
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it("11: a crash needs no listener: nothing is emitted that would be thrown", async () => {
  const executor = pool({ maxWorkers: 1 });
  expect("on" in executor).toBe(false);
  expect(await rejection(executor.submit(calls.throwsInImmediate))).toMatchObject({ code: "ERR_OFFLOOP_WORKER_CRASHED" });
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

it("12: calls in a row use one worker, by default too", async () => {
  const executor = pool({ maxWorkers: 4 });
  for (let index = 0; index < 20; index += 1) {
    await executor.submit(calls.add, index, 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(executor.stats().workersStarted).toBe(1);
});

it("13: the figures are what they say", async () => {
  const executor = pool({ maxWorkers: 1 });
  const { running, release } = await hold(executor, { file });
  const queued = [executor.submit(calls.spinsDeaf, 0), executor.submit(calls.spinsDeaf, 0)];
  await until(() => executor.stats().queued === 2);
  expect(executor.stats()).toMatchObject({ workers: 1, idleWorkers: 0, running: 1, queued: 2, submitted: 3, fulfilled: 0 });
  release();
  await Promise.all([running, ...queued]);
  expect(executor.stats()).toMatchObject({ workers: 1, idleWorkers: 1, running: 0, queued: 0, submitted: 3, fulfilled: 3 });
});

it("14: a closed pool stays closed", async () => {
  const executor = pool({ maxWorkers: 1 });
  await executor.submit(calls.add, 1, 1);
  await executor.shutdown();
  await rejection(executor.submit(calls.add, 1, 1));
  expect(executor.stats()).toMatchObject({ workers: 0, startingWorkers: 0, workersStarted: 1 });
});

it("15: there is room again as soon as one worker is free, not when all are", async () => {
  const executor = pool({ maxWorkers: 2, maxQueue: 0 });
  await executor.warmUp();
  const first = await hold(executor, { file });
  const second = await hold(executor, { file });
  expect(await rejection(executor.submit(calls.add, 1, 1))).toBeInstanceOf(QueueFullError);
  first.release();
  await first.running;
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
  second.release();
  await second.running;
});

it("16, 18: a cancellable call shares its worker, and ending it harms no neighbour", async () => {
  const executor = pool({ maxWorkers: 1 });
  await executor.submit(calls.spinsDeaf, 0);
  const controller = new AbortController();
  const marker = file("marker");
  const stuck = executor.with({ signal: controller.signal, graceMs: 0 }).submit(calls.spinsDeaf, 60_000, marker);
  const neighbours = Array.from({ length: 10 }, (_, index) => executor.submit(calls.add, index, 0));
  await until(() => existsSync(marker));
  controller.abort();
  await rejection(stuck);
  expect(await Promise.all(neighbours)).toEqual(Array.from({ length: 10 }, (_, index) => index));
});

it("17: a signal shared by many calls warns of no leak", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on("warning", listen);
  const { signal } = new AbortController();
  const executor = pool({ maxWorkers: 1 }).with({ signal });
  await Promise.all(Array.from({ length: 100 }, () => executor.submit(calls.add, 1, 1)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});

/** A pool whose workers live on this thread, and which counts what the main side does with their channels. */
class CountingPool extends PoolExecutor {
  /** Messages sent, and looks at what has come, by worker. */
  readonly uses: number[];

  constructor(workers: number) {
    const uses: number[] = [];
    const kind: WorkerKind = {
      name: "thread",
      start(listener): StartedWorker {
        const index = uses.push(0) - 1;
        const slots = new Slots(64);
        const runner = serveCalls({ send: (message) => queueMicrotask(() => listener.received(structuredClone(message))), closed: () => queueMicrotask(() => listener.exited({ exitCode: 0 })) }, { slots });
        const used = (): void => void (uses[index]! += 1);
        return {
          slots,
          capacity: 64,
          send(message) {
            used();
            queueMicrotask(() => runner.receive(structuredClone(message)));
          },
          requestCancel: used,
          poll: used,
          close: async () => runner.receive({ type: "close" }),
          kill: () => Promise.resolve(),
        };
      },
    };
    super(kind, resolvePoolOptions({ maxWorkers: workers }));
    this.uses = uses;
  }
}

it("19: a call uses its own worker alone, and as often with sixteen workers as with one", async () => {
  const listeners = process.getMaxListeners();
  process.setMaxListeners(100); // each worker would have a process or a thread of its own
  const used: number[] = [];
  for (const workers of [1, 16]) {
    const executor = new CountingPool(workers);
    await executor.warmUp();
    await executor.submit(calls.add, 0, 0);
    const before = [...executor.uses];
    for (let index = 0; index < 100; index += 1) expect(await executor.submit(calls.add, index, 1)).toBe(index + 1);
    const each = executor.uses.map((count, index) => count - before[index]!);
    expect(each.filter((count) => count > 0)).toHaveLength(1);
    used.push(each.reduce((sum, count) => sum + count));
    await executor.shutdown();
  }
  process.setMaxListeners(listeners);
  expect(used[1]).toBe(used[0]);
  expect(used[0]).toBe(100);
});
