// Processes and threads that stop or hang: while they start, and between two calls.
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { describe, expect, it } from "vitest";

const hangs = {
  "its set-up never ends": { setup: new URL("../fixtures/never-sets-up.mjs", import.meta.url) },
  "its execArgv imports a module that blocks": { execArgv: ["--import", "data:text/javascript,Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0)"] },
  "it stops itself while it starts": { execArgv: ["--import", "data:text/javascript,process.kill(process.pid,'SIGSTOP')"] },
};
const entries = Object.entries(hangs);

describe.each([["thread", ThreadPoolExecutor, entries.slice(0, 2)], ["process", ProcessPoolExecutor, entries]] as const)("a %s", (_, Pool, starts) => {
  it.each(starts)("is ended after startTimeoutMs if %s", async (_, options) => {
    const pool = new Pool({ maxWorkers: 1, startTimeoutMs: 300, ...options });
    await expect(pool.submit((value: number) => value, 1)).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_START", message: expect.stringContaining("startTimeoutMs") as string });
    await pool.shutdown();
    expect(pool.stats()).toMatchObject({ workers: 0, startingWorkers: 0 });
  });
});

describe.each(["thread", "process"] as const)("a %s of an actor", (kind) => {
  const waits = entries.slice(1, kind === "thread" ? 2 : 3);
  it.each(waits)("is ended after startTimeoutMs if %s", async (_, options) => {
    await expect(spawnActor.with({ kind, startTimeoutMs: 300, ...options })(Map)).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_START", message: expect.stringContaining("startTimeoutMs") as string });
  });

  it("is ended after startTimeoutMs if its module never ends to load", async () => {
    await expect(spawnActor.with({ kind, startTimeoutMs: 300 })(new URL("../fixtures/never-loads.mjs", import.meta.url))).rejects.toThrow("startTimeoutMs");
  });

  it("has as much time as it needs within startTimeoutMs", async () => {
    await using actor = await spawnActor.with({ kind, startTimeoutMs: 20_000, execArgv: ["--import", fileURLToPath(new URL("../fixtures/starts-slowly.mjs", import.meta.url))] })(Map<string, number>, [["a", 1]]);
    expect(await actor.get("a")).toBe(1);
  });
});

it("rejects a call with runTimeoutMs though its process was stopped before the call", async () => {
  const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const pid = await pool.submit(() => process.pid);
  process.kill(pid, "SIGSTOP");
  await expect(pool.with({ runTimeoutMs: 500, graceMs: 10 }).submit((value: number) => value, 1)).rejects.toMatchObject({ stage: "run" });
  expect(await pool.submit((value: number) => value, 2)).toBe(2); // on the successor
  expect(await pool.submit(() => process.pid)).not.toBe(pid);
  await pool.shutdown();
}, 30_000);
