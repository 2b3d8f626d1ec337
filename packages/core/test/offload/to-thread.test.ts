import { CancelledError, createTask, Future, getEventLoop, run, runInExecutor, setDefaultExecutor, setDefaultProcessExecutor, shutdownDefaultExecutor, sleep, toProcess, toThread } from "@offloop/core";
import { CallTimeoutError, InlineExecutor, InvalidOptionError, ThreadPoolExecutor } from "@offloop/workers";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import * as work from "../fixtures/work.mjs";

afterEach(() => shutdownDefaultExecutor({ timeoutMs: 0 }));
const file = (): string => join(mkdtempSync(join(tmpdir(), "offloop-")), "marker");
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

it("runs a function on a thread, in a plain program and inside run()", async () => {
  const future = toThread(work.add, 1, 2);
  expect(future).toBeInstanceOf(Future);
  expect(await future).toBe(3);
  expect(await toThread(work.offMainThread)).toBe(true);
  expect(await run(() => toThread(work.add, 2, 2))).toBe(4);
  expect(await toThread(work.add, 3, 3)).toBe(6);
});

it("rejects with the error whole: class, code, cause, the worker's stack and the caller's", async () => {
  const error = (await toThread(work.fails).catch((each: unknown) => each)) as Error & { code: string };
  expect(error.constructor.name).toBe("WorkError");
  expect(error).toMatchObject({ message: "no luck", code: "E_WORK" });
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(error.stack).toMatch(/work\.mjs[^]*to-thread\.test\.ts/);
});

it("runs on the given executor, or on the default one", async () => {
  const inline = new InlineExecutor();
  expect(await runInExecutor(inline, work.offMainThread)).toBe(false);
  expect(await getEventLoop().runInExecutor(null, work.offMainThread)).toBe(true);
  setDefaultExecutor(inline);
  expect(await toThread(work.offMainThread)).toBe(false);
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  expect(await runInExecutor(pool.with({ name: "sum" }), work.add, 1, 1)).toBe(2);
});

it("cancels the call of a task that is cancelled", async () => {
  const marker = file();
  const task = createTask(() => toThread(work.spins, marker));
  await until(() => existsSync(marker));
  task.cancel("enough");
  await expect(task).rejects.toMatchObject({ name: "CancelledError", cause: "enough" });
  await until(() => readFileSync(marker, "utf8") === "cancelled");
});

it("can be cancelled before its executor has been loaded", async () => {
  const future = toThread(work.add, 1, 2);
  expect(future.cancel()).toBe(true);
  await expect(future).rejects.toBeInstanceOf(CancelledError);
});

it("calls that outlive their loop run to their end on the executor, without an error", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const controller = new AbortController();
  const marker = file();
  const unhandled: unknown[] = [];
  const listen = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", listen);
  await run(async () => {
    void runInExecutor(pool.with({ signal: controller.signal }), work.spins, marker);
    void runInExecutor(pool, work.add, 1, 1);
    void runInExecutor(pool, work.fails);
    await until(() => existsSync(marker));
  });
  const later = pool.submit(work.add, 2, 2);
  controller.abort();
  expect(await later).toBe(4);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", listen);
  expect(unhandled).toEqual([]);
  expect(pool.stats()).toMatchObject({ fulfilled: 2, rejected: 1, cancelled: 1, queued: 0, running: 0 });
});

it("takes options by with(), checked at once", async () => {
  const late = toThread.with({ runTimeoutMs: 20 })(work.spins, file());
  await expect(late).rejects.toBeInstanceOf(CallTimeoutError);
  const aborted = toThread.with({ name: "aborted" }).with({ signal: AbortSignal.abort("no") })(work.add, 1, 2);
  await expect(aborted).rejects.toMatchObject({ name: "CancelledError", cause: "no" });
  expect(() => toThread.with({ runTimeoutMs: -1 })).toThrow(InvalidOptionError);
  expect(() => setDefaultExecutor({} as never)).toThrow(/executor/);
});

it("a program can end after its calls", () => {
  const program = `import { toThread } from "@offloop/core"; import { add } from "../fixtures/work.mjs"; console.log(await toThread(add, 1, 2));`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 })).toBe("3\n");
});

it("loads no pool before the first call", () => {
  const program = `import { sleep } from "@offloop/core"; await sleep(1);
    import { createRequire } from "node:module";
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("piscina")).length);
    const { toThread } = await import("@offloop/core"); const { add } = await import("../fixtures/work.mjs"); await toThread(add, 1, 1);
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes("piscina")).length > 0);`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 });
  expect(output).toBe("0\ntrue\n");
});

describe.each([["toThread", toThread, setDefaultExecutor], ["toProcess", toProcess, setDefaultProcessExecutor]] as const)("%s", (_name, to, set) => {
  it("warmUp() starts the workers before the first call, and stats() counts", async () => {
    await shutdownDefaultExecutor();
    const { wait, run, ...counts } = to.stats();
    expect([wait, run].flatMap((durations) => Object.values(durations)).concat(Object.values(counts)).every((count) => count === 0)).toBe(true);
    await to.warmUp(1);
    expect(to.stats()).toMatchObject({ workers: 1, idleWorkers: 1, startingWorkers: 0, submitted: 0 });
    await to(work.add, 1, 2);
    expect(to.with({ name: "named" }).stats()).toMatchObject({ submitted: 1, fulfilled: 1, workersStarted: 1 });
    await expect(to.warmUp(0)).rejects.toThrow(/workers of warmUp\(\)/);
    await shutdownDefaultExecutor();
    expect(to.stats().workersStarted).toBe(0);
  });

  it("warmUp() and stats() are those of an executor that was set", async () => {
    const executor = new InlineExecutor();
    set(executor);
    await to.warmUp(1);
    await to(work.add, 1, 2);
    const { utilization: _, ...stats } = executor.stats();
    expect(to.stats()).toMatchObject(stats);
    expect(to.stats().fulfilled).toBe(1);
    await shutdownDefaultExecutor();
  });
});
