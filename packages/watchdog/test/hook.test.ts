// The hook by which a library names what it runs: hook.ts.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTask, sleep } from "@offloop/core";
import { afterEach, expect, it } from "vitest";
import { runningSources, runningSourcesKey, type RunningWork } from "@offloop/watchdog/hook";
import { runningWork } from "#watchdog/watched/running-work.js";

const realm = globalThis as { [runningSourcesKey]?: unknown };
const ofCore = new Map(runningSources());
afterEach(() => {
  realm[runningSourcesKey] = new Map(ofCore);
});

function publish(sources: Readonly<Record<string, () => RunningWork | undefined>>): void {
  realm[runningSourcesKey] = new Map(Object.entries(sources));
}

it("names the task and the request of libraries that do not import offloop, loaded before the watchdog or after it", async () => {
  const program = fileURLToPath(new URL("fixtures/programs/foreign-library.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env: { ...process.env, NODE_OPTIONS: "" } });
  // A busy machine may starve the program elsewhere, too, which is a stall of its own.
  expect(JSON.parse(stdout)).toContainEqual({ task: "my-queue: resize", context: "GET /slow" });
});

it("@offloop/core names its task through it", async () => {
  expect([...ofCore.keys()].filter((key) => key.startsWith("@offloop/core "))).toHaveLength(1);
  const named = await createTask(async () => {
    await sleep(0);
    return runningWork();
  }, { name: "import" });
  expect(named).toEqual({ task: "import", request: undefined });
});

it("takes the first task and the first request that any source names", () => {
  publish({
    idle: () => undefined,
    router: () => ({ request: "GET /a" }),
    queue: () => ({ task: "resize", request: "GET /b" }),
    other: () => ({ task: "encode" }),
  });
  expect(runningWork()).toEqual({ task: "resize", request: "GET /a" });
});

it("ignores a source that throws, and names that are no text", () => {
  publish({
    broken: () => {
      throw new Error("not now");
    },
    odd: () => ({ task: 7, request: "" }) as never,
    none: () => null as never,
    queue: () => ({ task: "resize" }),
  });
  expect(runningWork()).toEqual({ task: "resize", request: undefined });
});

it.each([["a string", "taken"], ["an object", {}], ["a map of values that are no functions", new Map([["queue", "resize"]])]])("names nothing when the property holds %s", (_, value) => {
  realm[runningSourcesKey] = value;
  expect(runningWork()).toEqual({ task: undefined, request: undefined });
});
