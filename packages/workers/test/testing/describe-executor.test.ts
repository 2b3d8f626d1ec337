// Tests of the contract suite: it can fail, it requires a declaration of each capability, and it runs every test of
// a declared capability.
import { InlineExecutor, type PoolOptions, ThreadPoolExecutor } from "@offloop/workers";
import { type Capabilities, describeExecutor, type ExecutorUnderTest } from "@offloop/workers/testing";
import { expect, it } from "vitest";

const module = new URL("../contract/make-thread.mjs", import.meta.url);
const everything: Capabilities = { workers: true, ownProcess: "threads", sharedMemory: true, transfer: true, code: true, syncWayBack: true, nodeOptions: true, heapLimit: true, niceness: true, output: true };

/** Collects the tests instead of running them. */
function collect(under: Partial<ExecutorUnderTest>): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  const before: (() => unknown)[] = [];
  const after: (() => unknown)[] = [];
  const path: string[] = [];
  const runner = {
    describe(title: string, body: () => void) {
      const hooks = [before.length, after.length] as const;
      path.push(title);
      body();
      path.pop();
      [before.length, after.length] = hooks;
    },
    it(title: string, test: () => unknown) {
      const hooks = [before.slice(), after.slice()] as const;
      tests.set([...path, title].join(" > "), async () => {
        for (const hook of hooks[0]) await hook();
        try {
          await test();
        } finally {
          for (const hook of hooks[1]) await hook();
        }
      });
    },
    beforeEach: (hook: () => unknown) => void before.push(hook),
    afterEach: (hook: () => unknown) => void after.push(hook),
  };
  describeExecutor(runner, { name: "it", make: (options: PoolOptions) => new ThreadPoolExecutor(options), module, capabilities: everything, ...under });
  return tests;
}

it("an executor with workers declares each capability", () => {
  const { code, ...rest } = everything;
  expect(code).toBe(true);
  expect(() => collect({ capabilities: rest })).toThrow(/capabilities of it do not state code\. Set each to true, or to the reason/);
});

it("a reason adds one test with the reason, and removes the tests of the capability", () => {
  const all = [...collect({}).keys()];
  const without = [...collect({ capabilities: { ...everything, transfer: "sockets copy" } }).keys()];
  expect(without.filter((title) => !all.includes(title))).toEqual([expect.stringMatching(/^it > what it does not have > refuses to move a port.*: sockets copy$/)]);
  expect(all.filter((title) => !without.includes(title)).length).toBeGreaterThan(1);
});

it("each capability is needed by some tests", () => {
  const all = collect({ capabilities: { ...everything, ownProcess: true } }).size;
  for (const capability of Object.keys(everything).filter((each) => each !== "workers")) {
    expect(collect({ capabilities: { ...everything, ownProcess: true, [capability]: "a reason" } }).size, capability).toBeLessThanOrEqual(all);
  }
});

it("an executor that claims a capability that it lacks fails", async () => {
  const claims = collect({ make: () => new InlineExecutor() });
  await expect(claims.get("it > submit > runs off the calling thread")!()).rejects.toThrow(/not to be/);
  const lacks = collect({ capabilities: { ...everything, sharedMemory: "it says so" } });
  await expect(lacks.get("it > what it does not have > refuses shared memory, with its path: it says so")!()).rejects.toThrow(/instead of rejecting/);
});

it("runs the requested suites, and refuses unknown names", () => {
  const titles = [...collect({ only: ["map"] }).keys()];
  expect(titles.length).toBeGreaterThan(5);
  expect(titles.every((title) => title.startsWith("it > map > "))).toBe(true);
  expect(() => collect({ only: ["maps"] })).toThrow(/names the unknown suite maps/);
});
