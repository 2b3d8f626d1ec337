// The behaviour of anyio's and trio's limiters, and the contract of a call's limiter.
import { createTask, gather } from "@offloop/core";
import type { CallOptions } from "@offloop/workers/executor";
import { CapacityLimiter } from "#core/sync/capacity-limiter.js";
import { WouldBlockError } from "#core/sync/errors.js";
import { Semaphore } from "#core/sync/semaphore.js";
import { expect, it } from "vitest";
import { expectCancelled, inTask, makeTasks, pass, passes, state } from "./support.js";

it("serves as the limiter of calls, as a semaphore does", () => {
  const options: CallOptions[] = [{ limiter: new CapacityLimiter(1) }, { limiter: new Semaphore(1) }];
  expect(options).toHaveLength(2);
});

it("lends its tokens in the order of the requests", inTask(async () => {
  const limiter = new CapacityLimiter(2);
  const order: number[] = [];
  let most = 0;
  await gather(makeTasks(6, (index) => limiter.hold(async () => {
    order.push(index);
    most = Math.max(most, limiter.borrowedTokens);
    await pass();
  })));
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(limiter.availableTokens).toBe(2);
}));

it("wakes as many tasks as its total is raised by, and takes back no token when it is lowered", inTask(async () => {
  const limiter = new CapacityLimiter(1);
  const tasks = makeTasks(5, () => limiter.acquire());
  await pass();
  expect(limiter.statistics()).toEqual({ totalTokens: 1, borrowedTokens: 1, borrowers: [], tasksWaiting: 4 });
  limiter.totalTokens = 3;
  expect(limiter.statistics()).toMatchObject({ borrowedTokens: 3, tasksWaiting: 2 });
  await pass();
  expect(tasks.map((task) => task.done())).toEqual([true, true, true, false, false]);
  limiter.totalTokens = 1;
  expect(limiter.availableTokens).toBe(-2);
  limiter.release();
  limiter.release();
  await passes(2);
  expect(tasks[3]!.done()).toBe(false);
  limiter.release();
  await passes(2);
  expect(tasks.map((task) => task.done())).toEqual([true, true, true, true, false]);
  limiter.totalTokens = Infinity;
  await gather(tasks);
}));

it("lets no task in while its total is 0", inTask(async () => {
  const limiter = new CapacityLimiter(0);
  const task = createTask(() => limiter.acquire());
  await passes(2);
  expect(task.done()).toBe(false);
  limiter.totalTokens = 1;
  await task;
}));

it("lends a borrower one token at a time, and names the borrowers", inTask(async () => {
  const limiter = new CapacityLimiter(2);
  const hold = await limiter.acquireOnBehalfOf("a");
  await expect(limiter.acquireOnBehalfOf("a")).rejects.toThrow(/one token at a time/);
  expect(() => limiter.acquireOnBehalfOfNowait("a")).toThrow(/one token at a time/);
  limiter.acquireOnBehalfOfNowait("b");
  const waiting = createTask(() => limiter.acquireOnBehalfOf("c"));
  await pass();
  expect(() => limiter.acquireOnBehalfOfNowait("c")).toThrow(/one token at a time/);
  expect(limiter.statistics()).toEqual({ totalTokens: 2, borrowedTokens: 2, borrowers: ["a", "b"], tasksWaiting: 1 });
  hold.release();
  await waiting;
  expect(limiter.statistics().borrowers).toEqual(["b", "c"]);
  expect(() => limiter.releaseOnBehalfOf("a")).toThrow(/holds none/);
  expect(() => limiter.release()).toThrow(/no token of acquire\(\) is held/);
  await expect(limiter.acquireOnBehalfOf(undefined)).rejects.toThrow(TypeError);
}));

it("acquireNowait throws where it would have to wait, and overtakes no waiter", inTask(async () => {
  const limiter = new CapacityLimiter(1);
  const hold = limiter.acquireNowait();
  expect(() => limiter.acquireNowait()).toThrow(WouldBlockError);
  const waiting = createTask(() => limiter.acquire());
  await pass();
  hold.release();
  expect(() => limiter.acquireNowait()).toThrow(WouldBlockError);
  await waiting;
  expect(String(limiter)).toBe("CapacityLimiter [1 of 1 borrowed]");
}));

it("passes a token on when its task is cancelled before it runs", inTask(async () => {
  const limiter = new CapacityLimiter(1);
  const hold = await limiter.acquire();
  const [first, second] = makeTasks(2, () => limiter.acquire()) as [ReturnType<typeof createTask>, ReturnType<typeof createTask>];
  const asleep = createTask(() => limiter.acquireOnBehalfOf("x"));
  await pass();
  hold.release();
  first.cancel();
  asleep.cancel();
  await expectCancelled(first);
  await second;
  await expectCancelled(asleep);
  expect(limiter.borrowedTokens).toBe(1);
  expect(state(limiter)).toBe("1 of 1 borrowed");
  limiter.release();
  limiter.acquireOnBehalfOfNowait("x").release();
  expect(limiter.availableTokens).toBe(1);
}));

it("refuses a total that is no count", () => {
  for (const bad of [-1, 0.5, NaN, "4" as never]) {
    expect(() => new CapacityLimiter(bad)).toThrow(/totalTokens/);
    expect(() => {
      new CapacityLimiter(1).totalTokens = bad;
    }).toThrow(/totalTokens/);
  }
});
