import { asCompleted, CancelledError, createTask, currentTask, detached, FIRST_COMPLETED, FIRST_EXCEPTION, firstCompleted, Future, gather, InvalidOptionError, race, run, shield, sleep, Task, timeout, TimeoutError, timeoutAt, VirtualTimeLoop, wait, waitFor, getRunningLoop } from "@offloop/core";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";

const virtually = <T>(main: () => Promise<T>): Promise<T> => run(main, { loopFactory: () => new VirtualTimeLoop() }) as Promise<T>;
const fails = async (ms: number): Promise<never> => {
  await sleep(ms);
  throw new RangeError(`after ${ms}`);
};

it("wait returns at the first result, at the first failure, at the end, or at its timeout", () =>
  virtually(async () => {
    const tasks = [1, 3, 5].map((ms) => createTask(() => sleep(ms)));
    const first = await wait(tasks, { returnWhen: FIRST_COMPLETED });
    expect([first.done.size, first.pending.size]).toEqual([1, 2]);
    const late = await wait(tasks, { timeoutMs: 1 });
    expect([late.done.size, late.pending.size]).toEqual([1, 2]);
    expect((await wait(tasks)).done.size).toBe(3);
    const mixed = [createTask(() => fails(2)), createTask(() => sleep(1)), createTask(() => sleep(9))];
    expect((await wait(mixed, { returnWhen: FIRST_EXCEPTION })).done.size).toBe(2);
    await expect(wait([])).rejects.toThrow(/nothing to wait for/);
    await expect(wait(mixed, { returnWhen: "SOME" as never })).rejects.toThrow(InvalidOptionError);
  }));

it("waitFor cancels a late task, and waits until it has ended", () =>
  virtually(async () => {
    const steps: string[] = [];
    const late = waitFor(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(2);
        steps.push(`ended at ${getRunningLoop().time()}`);
      }
    }, 5);
    await expect(late).rejects.toBeInstanceOf(TimeoutError);
    expect(steps).toEqual(["ended at 7"]);
    expect(await waitFor(sleep(1, { result: "soon" }), 5)).toBe("soon");
    expect(await waitFor(sleep(1, { result: "any" }), undefined)).toBe("any");
    await expect(waitFor(sleep(1), 0)).rejects.toBeInstanceOf(TimeoutError);
    await expect(waitFor(fails(1), 5)).rejects.toBeInstanceOf(RangeError);
    await expect(waitFor(1, NaN)).rejects.toThrow(InvalidOptionError);
  }));

it("shield does not pass a cancellation to its awaitable", () =>
  virtually(async () => {
    const inner = createTask(() => sleep(5, { result: "whole" }));
    const outer = createTask(async () => await shield(inner));
    await sleep(1);
    outer.cancel();
    await expect(outer).rejects.toBeInstanceOf(CancelledError);
    expect(await inner).toBe("whole");
    expect(await shield(inner)).toBe("whole");
  }));

it("asCompleted yields the futures themselves, in the order in which they complete", () =>
  virtually(async () => {
    const tasks = [5, 1, 3].map((ms) => createTask(() => sleep(ms, { result: ms }), { name: `after ${ms}` }));
    const names: string[] = [];
    for await (const future of asCompleted(tasks)) {
      expect(future).toBeInstanceOf(Task);
      names.push(`${(future as Task<number>).getName()}: ${future.result()}`);
    }
    expect(names).toEqual(["after 1: 1", "after 3: 3", "after 5: 5"]);
    const seen: unknown[] = [];
    const late = (async () => {
      for await (const future of asCompleted([sleep(1, { result: "a" }), sleep(9, { result: "b" })], { timeoutMs: 4 })) seen.push(future.result());
    })();
    await expect(late).rejects.toBeInstanceOf(TimeoutError);
    expect(seen).toEqual(["a"]);
    const slow = sleep(9);
    for await (const _ of asCompleted([sleep(1), slow])) break;
    expect(slow.done()).toBe(false);
  }));

it("race cancels the losers and waits for their ends; firstCompleted lets them run", () =>
  virtually(async () => {
    const steps: string[] = [];
    const loser = createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(1);
        steps.push("loser ended");
      }
    });
    expect(await race([loser, () => sleep(2, { result: "winner" })])).toBe("winner");
    expect(steps).toEqual(["loser ended"]);
    const other = sleep(9, { result: "later" });
    expect(await firstCompleted([other, sleep(1, { result: "first" })])).toBe("first");
    expect(await other).toBe("later");
    await expect(race([fails(1), sleep(5)])).rejects.toBeInstanceOf(RangeError);
    await expect(race([])).rejects.toThrow(/nothing to wait for/);
  }));

it("losers of firstCompleted do not keep its task in memory, unlike those of Promise.race", () =>
  virtually(async () => {
    const never = new Future();
    const task = createTask(async () => {
      await firstCompleted([never, sleep(1)]);
      await sleep(60_000);
    });
    await sleep(2);
    task.cancel();
    await expect(task).rejects.toBeInstanceOf(CancelledError);
    expect(never.done()).toBe(false);
  }));

it("the deadline of a timeout can be moved, and `expired` tells whether it passed", () =>
  virtually(async () => {
    const value = await timeout(5, async (deadline) => {
      expect(deadline.when()).toBe(getRunningLoop().time() + 5);
      deadline.reschedule(getRunningLoop().time() + 20);
      await sleep(10);
      deadline.reschedule(undefined);
      await sleep(60_000);
      expect(deadline.expired()).toBe(false);
      return "unhurried";
    });
    expect(value).toBe("unhurried");
    await expect(timeoutAt(getRunningLoop().time() - 1, () => sleep(5))).rejects.toBeInstanceOf(TimeoutError);
    let ended: { reschedule(when: number): void } | undefined;
    await timeout(1, (deadline) => void (ended = deadline));
    expect(() => ended?.reschedule(5)).toThrow(/exited/);
  }));

it("of nested timeouts, only the one that expired throws TimeoutError", () =>
  virtually(async () => {
    const steps: string[] = [];
    const outer = timeout(2, async () => {
      try {
        await timeout(9, () => sleep(60_000));
      } catch (error) {
        steps.push((error as Error).name);
        throw error;
      }
    });
    await expect(outer).rejects.toMatchObject({ name: "TimeoutError", timeoutMs: 2 });
    expect(steps).toEqual(["CancelledError"]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

it("a timeout in one branch of a task leaves the other branches alone", () =>
  virtually(async () => {
    const results = await Promise.allSettled([timeout(1, () => sleep(60_000)), sleep(5, { result: "other branch" })]);
    expect(results.map((each) => each.status)).toEqual(["rejected", "fulfilled"]);
  }));

it("a timeout's signal aborts Node's own functions", async () => {
  await expect(timeout(5, ({ signal }) => delay(60_000, undefined, { signal }))).rejects.toBeInstanceOf(TimeoutError);
});

it("a task's signal aborts Node's own functions, and the task counts as cancelled", async () => {
  const task: Task<unknown> = createTask(() => delay(60_000, undefined, { signal: currentTask()!.signal }));
  await sleep(0);
  task.cancel("enough");
  await expect(task).rejects.toMatchObject({ name: "CancelledError", cause: "enough" });
  expect(task.cancelled()).toBe(true);
  const controller = new AbortController();
  const tied = createTask(() => sleep(60_000), { signal: controller.signal });
  controller.abort("outside");
  await expect(tied).rejects.toMatchObject({ cause: "outside" });
});

it("after uncancel, a task has a new signal and continues", async () => {
  const task: Task<unknown> = createTask(async () => {
    const self = currentTask()!;
    const first = self.signal;
    await sleep(60_000).catch(() => {});
    expect(first.aborted).toBe(true);
    expect(self.uncancel()).toBe(0);
    expect(self.signal.aborted).toBe(false);
    return await sleep(0, { result: "went on" });
  });
  await sleep(0);
  task.cancel();
  expect(await task).toBe("went on");
});

it("tasks that await each other get an error instead of waiting for ever", async () => {
  const tasks: Task<unknown>[] = [];
  tasks.push(createTask(async () => await tasks[1]), createTask(async () => await tasks[0]));
  const outcomes = await gather(tasks, { returnExceptions: true });
  expect(outcomes.map((each) => (each as Error).message).join()).toMatch(/awaits Task-\d+, which awaits it in turn|awaits Task/);
  const self: Task<unknown> = createTask(async () => await self);
  await expect(self).rejects.toThrow(/await/);
});

it("an eager task runs up to its first await at once", async () => {
  const steps: string[] = [];
  const task = createTask(
    async () => {
      steps.push("began");
      await sleep(0);
      steps.push("went on");
    },
    { eager: true },
  );
  expect(steps).toEqual(["began"]);
  await task;
  expect(steps).toEqual(["began", "went on"]);
});

it("loop.detached does the same as detached", () =>
  run(async () => {
    expect([currentTask()?.getName(), getRunningLoop().detached(() => currentTask())]).toEqual(["main", undefined]);
  }));

it("cancelling a task does not cancel its detached work", () =>
  virtually(async () => {
    let shared: Promise<string> | undefined;
    const first = createTask(async () => {
      shared = detached(async () => {
        await sleep(5);
        return currentTask() === undefined ? "filled" : "charged to a task";
      });
      return await shared;
    });
    await sleep(1);
    first.cancel();
    expect(await shared).toBe("filled");
  }));
