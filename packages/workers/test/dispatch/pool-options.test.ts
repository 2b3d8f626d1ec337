import { availableParallelism } from "node:os";
import { InvalidOptionError, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { resolvePoolOptions } from "#workers/dispatch/pool-options.js";
import { describe, expect, it } from "vitest";

describe.each([ThreadPoolExecutor, ProcessPoolExecutor])("%o", (Pool) => {
  it.each<[string, unknown]>([
    ["minWorkers", -1],
    ["minWorkers", 1.5],
    ["maxWorkers", 0],
    ["maxWorkers", "4"],
    ["maxWorkers", 2_000],
    ["idleTimeoutMs", -1],
    ["idleTimeoutMs", NaN],
    ["closeTimeoutMs", "1"],
    ["maxQueue", -1],
    ["maxQueue", 0.5],
    ["env", "PATH=/"],
    ["execArgv", "--import"],
    ["execArgv", [1]],
    ["maxHeapBytes", 1_000],
    ["nice", 20],
    ["maxThreads", 4],
    ["__proto__x", 1],
  ])("refuses %s: %o at construction, by name", (option, value) => {
    expect(() => new Pool({ [option]: value })).toThrow(InvalidOptionError);
    expect(() => new Pool({ [option]: value })).toThrow(option);
  });

  it("refuses minWorkers above maxWorkers", () => {
    expect(() => new Pool({ minWorkers: 3, maxWorkers: 2 })).toThrow(/minWorkers of new \w+\(\) takes at most maxWorkers, which is 2/);
  });
});

it("leaves one core to the event loop by default", () => {
  expect(resolvePoolOptions().maxWorkers).toBe(Math.max(1, availableParallelism() - 1));
  expect(resolvePoolOptions({ minWorkers: 9 }).maxWorkers).toBeGreaterThanOrEqual(9);
});
