// A test runner that fakes timers affects the tested program, but not its pools.
import { CallTimeoutError, WorkerCrashedError } from "@offloop/workers";
import * as calls from "#workers/testing/fixtures/calls.js";
import { expect, it, vi } from "vitest";
import { forEach, pools, rejection } from "../contract/executors.js";

forEach(pools, ({ make }) => {
  it("runs, times out, crashes and shuts down while timers are faked", async () => {
    const executor = make({ maxWorkers: 1 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "performance", "Date"] });
    try {
      expect(await executor.submit(calls.add, 1, 1)).toBe(2);
      expect(await rejection(executor.with({ runTimeoutMs: 10, graceMs: 10 }).submit(calls.spinsDeafHere, 60_000))).toBeInstanceOf(CallTimeoutError);
      expect(await rejection(executor.submit(calls.exits, 3))).toBeInstanceOf(WorkerCrashedError);
      await executor.shutdown();
    } finally {
      vi.useRealTimers();
    }
  });
});
