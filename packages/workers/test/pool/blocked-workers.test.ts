// Calls that block do not keep other calls from running, and a call may wait for another call of its own pool. Each
// test here ends only if enough workers run at once.
import { type Executor, type PoolOptions, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import * as work from "../fixtures/blocking.mjs";

const kinds = { thread: (options?: PoolOptions) => new ThreadPoolExecutor(options), process: (options?: PoolOptions) => new ProcessPoolExecutor(options) };
const made: Executor[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((pool) => pool.shutdown({ cancelPending: true, timeoutMs: 0 })));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe.each(Object.entries(kinds))("a pool of the kind %s", (_kind, make) => {
  const pool = (options?: PoolOptions): Executor => {
    const one = make(options);
    made.push(one);
    work.usePool(one);
    return one;
  };
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), "offloop-blocked-"));
    folders.push(path);
    return path;
  };

  it("runs as many blocked calls at once as Python's", async () => {
    const most = Math.min(32, availableParallelism() + 4);
    const [executor, here] = [pool(), folder()];
    const names = Array.from({ length: most }, (_, index) => String(index));
    expect(await Promise.all(names.map((name) => executor.submit(work.meets, here, name, most)))).toEqual(names);
    expect(executor.stats().workers).toBe(most);
  });

  it("runs calls that wait asynchronously at once", async () => {
    const [executor, here] = [pool({ maxWorkers: 1, maxBlockedWorkers: 2 }), folder()];
    expect(await Promise.all(["a", "b", "c"].map((name) => executor.submit(work.meetsLater, here, name, 3)))).toEqual(["a", "b", "c"]);
  });

  it("with one worker runs a call that waits for another call of the pool", async () => {
    const executor = pool({ maxWorkers: 1 });
    expect(await executor.submit(work.asksAgain, 1, 2)).toBe(3);
    expect(await executor.submit(work.descends, 5)).toBe(5);
    expect(await Promise.all(Array.from({ length: 4 }, (_, index) => executor.submit(work.asksAgain, index, 1)))).toEqual([1, 2, 3, 4]);
  });

  it("with one worker runs streams and chunks of map() that wait for other calls", async () => {
    const executor = pool({ maxWorkers: 1 });
    const results: number[] = [];
    for await (const result of executor.map(async (item: number) => (await work.asksAgain(item, 1)) as number, [1, 2, 3])) results.push(result);
    expect(results).toEqual([2, 3, 4]);
  });
});

it("a thread that waits in fromThread.sync() does not count", async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  made.push(executor);
  work.usePool(executor);
  expect(await executor.submit(work.asksSync, 2, 3)).toBe(5);
});

it("calls that compute run on maxWorkers workers, whatever maxBlockedWorkers is", async () => {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1, maxBlockedWorkers: 4 });
  made.push(executor);
  await executor.submit(work.add, 1, 1);
  const shared = new SharedArrayBuffer(4);
  expect(await Promise.all(Array.from({ length: 4 }, () => executor.submit(work.computes, shared, 80)))).toEqual([1, 1, 1, 1]);
});
