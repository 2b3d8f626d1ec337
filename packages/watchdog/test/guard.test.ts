// failOnStall under vitest, guarding this file; the failing case is tested on the guard itself.
import { once } from "node:events";
import worker_threads from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { startWatchdog, WatchdogFailedError } from "@offloop/watchdog";
import { allowBlocking, failOnStall, LoopHeldError } from "@offloop/watchdog/vitest";
import { LoopGuard } from "#watchdog/guard.js";
import { spin } from "./fixtures/programs/spin.mjs";

describe("failOnStall", () => {
  failOnStall({ budgetMs: 150 });

  it("passes a test within its budget", () => {
    expect(spin(1)).toBeUndefined();
  });

  it("passes a test that declares its blocking with allowBlocking", () => {
    expect(allowBlocking(() => spin(300), "the test says so")).toBeUndefined();
  });
});

it("throws with the place of the longest stall, and starts the next test without it", async () => {
  const guard = new LoopGuard({ budgetMs: 100 });
  try {
    await guard.begin();
    spin(300);
    const error: unknown = await guard.end().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LoopHeldError);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_LOOP_HELD", message: expect.stringContaining("spin") });
    await guard.begin();
    await guard.end();
  } finally {
    await guard.stop();
  }
});

describe("without a watching thread", () => {
  const { Worker } = worker_threads;
  afterEach(() => {
    worker_threads.Worker = Worker;
  });

  /** The watching threads that were started, or what is started in place of them. */
  function replaced(program?: string): worker_threads.Worker[] {
    const started: worker_threads.Worker[] = [];
    worker_threads.Worker = class extends Worker {
      constructor(file: string | URL, options: worker_threads.WorkerOptions) {
        super(program ?? file, { ...options, eval: program !== undefined });
        started.push(this);
      }
    };
    return started;
  }

  it("fails each test if it cannot start", async () => {
    replaced("throw new Error('no memory')");
    const guard = new LoopGuard();
    await expect(guard.begin()).rejects.toMatchObject({ code: "ERR_OFFLOOP_WATCHDOG_FAILED", message: expect.stringContaining("no memory"), cause: { message: "no memory" } });
    await expect(guard.end()).rejects.toThrow(WatchdogFailedError);
    await guard.stop();
  });

  it("says so once, also where nothing awaits it", async () => {
    replaced("throw new Error('no memory')");
    const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
    const watchdog = startWatchdog();
    const [{ code, message }] = await warned;
    expect([code, message]).toEqual(["ERR_OFFLOOP_WATCHDOG_FAILED", expect.stringContaining("stalls are not seen: Error: no memory")]);
    await watchdog.stop();
  });

  it("fails each test after it has ended", async () => {
    const started = replaced();
    const guard = new LoopGuard();
    await guard.begin();
    await started[0]!.terminate();
    await expect(guard.end()).rejects.toThrow(/exited with code 1/);
    await expect(guard.begin()).rejects.toThrow(WatchdogFailedError);
    await guard.stop();
  });
});
