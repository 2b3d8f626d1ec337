import { Call } from "#workers/dispatch/call.js";
import { StackBudget } from "#workers/executor/caller-stack.js";
import { FunctionProfile } from "#workers/dispatch/function-profile.js";
import { defaultCallOptions } from "@offloop/workers/executor";
import { ThreadPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";

function takeAll(budget: StackBudget): number {
  let taken = 0;
  budget.turned();
  while (budget.take()) taken += 1;
  return taken;
}

it("records the first stacks of a burst, and more after a longer pause", () => {
  let now = 1_000;
  const budget = new StackBudget(() => now);
  expect(takeAll(budget)).toBe(64);
  expect(takeAll(budget)).toBe(0);
  now += 3;
  expect(takeAll(budget)).toBe(3);
  now += 60_000;
  expect(takeAll(budget)).toBe(64);
});

it("does not read the clock again in a turn in which the budget was spent", () => {
  let looks = 0;
  const budget = new StackBudget(() => ((looks += 1), 1_000));
  takeAll(budget);
  const before = looks;
  for (let call = 0; call < 100; call += 1) expect(budget.take()).toBe(false);
  expect(looks).toBe(before);
});

it("records a stack for each of consecutive single calls", () => {
  let now = 0;
  const budget = new StackBudget(() => now);
  for (let call = 0; call < 10_000; call += 1) {
    now += 1;
    budget.turned();
    expect(budget.take()).toBe(true);
  }
});

it("a call without a recorded stack shows that of another call of its function, marked as such", () => {
  const profile = new FunctionProfile("render", { kind: "reference", module: "file:///render.js", export: "render", loader: "import", name: "render" });
  const render = (): void => {};
  const submit = (): Call => {
    const call = new Call(render, [], defaultCallOptions, { cancel: () => false }, submit);
    call.queue(profile);
    return call;
  };
  // All are made before a stack is read: to make text of one takes longer than to record it.
  const [first, ...burst] = Array.from({ length: 1_000 }, () => submit()).map((call) => call.callerStack!);
  expect(first).toMatch(/^ {4}at .*caller-stack\.test\.ts/);
  const stack = burst.find((each) => each.includes("no stack was recorded"));
  expect(stack).toMatch(/^ {4}\(no stack was recorded in this burst of calls; another call of render came from\)\n {4}at .*caller-stack\.test\.ts/);
});

it("records stacks again after many single calls", async () => {
  const { countOrWait, throwsRenderError } = await import(new URL("../fixtures/calls.mjs", import.meta.url).href) as { countOrWait(words: Int32Array, waitFor: number): number; throwsRenderError(): never };
  await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const words = new Int32Array(new SharedArrayBuffer(4));
  const runs = (ms: number) => executor.submit(countOrWait, words, -ms);
  for (let call = 0; call < 500; call += 1) await runs(0.1); // more than the budget has, or is given meanwhile
  await runs(5);
  await expect(executor.submit(throwsRenderError)).rejects.toHaveProperty("stack", expect.stringContaining("caller-stack.test.ts"));
});
