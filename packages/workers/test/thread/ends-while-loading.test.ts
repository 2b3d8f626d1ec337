// A thread that requires an ES module is not ended meanwhile: Node 20 and 22 would abort the process.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterLoads } from "#workers/dispatch/after-loads.js";
import { counted, countLoadsIn } from "#workers/executor/loads.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../contract/executors.js";

const word = (value: number): Int32Array => {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  shared[0] = value;
  return shared;
};

describe("counted", () => {
  it("counts a load while it lasts, also one that fails", () => {
    const loads = word(0);
    countLoadsIn(loads);
    onTestFinished(() => countLoadsIn(word(0)));
    expect(counted(() => counted(() => loads[0]))).toBe(2);
    expect(() => counted(() => { throw new Error("not there"); })).toThrow("not there");
    expect(loads[0]).toBe(0);
  });
});

describe("afterLoads", () => {
  it("ends a thread that loads nothing at once", () => {
    let ended = false;
    afterLoads(word(0), () => (ended = true));
    expect(ended).toBe(true);
  });

  it("waits for the end of a load", async () => {
    const loads = word(1);
    let ended = false;
    afterLoads(loads, () => (ended = true));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(ended).toBe(false);
    loads[0] = 0;
    await until(() => ended);
  });

  it("ends a thread that has been stopped in a load", async () => {
    let ended = false;
    afterLoads(word(1), () => (ended = true), performance.now() + 5);
    await until(() => ended);
  });
});

it("a program goes on whose threads end while they start and while they load", async () => {
  const program = fileURLToPath(new URL("../fixtures/ends-threads-that-load.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, "40"], { env: { ...process.env, NODE_OPTIONS: "" } });
  expect(stdout).toBe("80 threads ended\n");
}, 60_000);
