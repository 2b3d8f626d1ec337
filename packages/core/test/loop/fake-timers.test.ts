// Test runners fake timers. The loop, its threads and its processes keep to the real ones. In each case the first
// call of a pool comes when the timers are faked, so the pools are loaded under the fakes.
import { execFile } from "node:child_process";
import { mock } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, it, vi } from "vitest";
import { worksUnderFakes } from "../fixtures/under-fakes.mjs";

const fakes: Record<string, () => void> = {
  "vitest's": () =>
    void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "Date", "performance", "queueMicrotask"], now: 0 }),
  "node:test's": () => mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate", "Date"], now: 0 }),
};

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
});

it.each(Object.keys(fakes))("works under %s", async (name) => {
  fakes[name]!();
  await worksUnderFakes();
});

// In a program of its own, because the test runner needs `process.nextTick` too.
it("works under timers that do nothing", async () => {
  const program = fileURLToPath(new URL("../fixtures/under-fakes.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, "timers-do-nothing"]);
  expect(stdout).toBe("works\n");
});
