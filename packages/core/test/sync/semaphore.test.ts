// CPython's SemaphoreTests.
import { createTask, gather, getEventLoop, sleep, timeout, type Task } from "@offloop/core";
import { BoundedSemaphore, Semaphore } from "#core/sync/semaphore.js";
import { expect, it } from "vitest";
import { expectCancelled, inTask, makeTasks, pass, passes, state } from "./support.js";

const taking = (semaphore: Semaphore, result: number[], number: number) => createTask(async () => {
  await semaphore.acquire();
  result.push(number);
  return true;
});

it("can start with a value of 0", () => {
  expect(new Semaphore(0).locked()).toBe(true);
});

it("shows its state", inTask(async () => {
  const semaphore = new Semaphore();
  expect(String(semaphore)).toBe("Semaphore [unlocked, value: 1]");
  await semaphore.acquire();
  expect(state(semaphore)).toBe("locked");
  const tasks = makeTasks(2, () => semaphore.acquire());
  await pass();
  expect(state(semaphore)).toBe("locked, waiters: 2");
  semaphore.release();
  semaphore.release();
  await gather(tasks);
  expect(String(new BoundedSemaphore(2))).toBe("BoundedSemaphore [unlocked, value: 2]");
}));

it("awaiting it does not acquire it", inTask(async () => {
  const semaphore = new Semaphore();
  expect(semaphore.value).toBe(1);
  expect(await (semaphore as unknown)).toBe(semaphore);
  expect(semaphore.locked()).toBe(false);
  expect(semaphore.value).toBe(1);
}));

it("refuses a value that is no count", () => {
  for (const bad of [-1, 1.5, NaN, "2" as never, null as never]) {
    expect(() => new Semaphore(bad)).toThrow(/value/);
    expect(() => new BoundedSemaphore(bad)).toThrow(/value/);
  }
});

it("lets in as many tasks as its value, then one for each release", inTask(async () => {
  const semaphore = new Semaphore(3);
  const result: number[] = [];
  await semaphore.acquire();
  await semaphore.acquire();
  expect(semaphore.locked()).toBe(false);
  const [t1, t2, t3] = [1, 2, 3].map((number) => taking(semaphore, result, number)) as [Task<boolean>, Task<boolean>, Task<boolean>];
  await pass();
  expect(result).toEqual([1]);
  expect(semaphore.locked()).toBe(true);
  expect(state(semaphore)).toBe("locked, waiters: 2");
  expect(semaphore.value).toBe(0);
  const t4 = taking(semaphore, result, 4);
  semaphore.release();
  semaphore.release();
  expect(semaphore.value).toBe(0);
  await pass();
  expect(semaphore.value).toBe(0);
  expect(result).toHaveLength(3);
  expect(state(semaphore)).toBe("locked, waiters: 1");
  expect(t1.result()).toBe(true);
  expect([t2, t3, t4].filter((task) => task.done() && task.result())).toHaveLength(2);
  semaphore.release();
  await gather([t2, t3, t4]);
}));

it("removes a cancelled waiter", inTask(async () => {
  const semaphore = new Semaphore();
  await semaphore.acquire();
  const task = createTask(() => semaphore.acquire());
  getEventLoop().callSoon(() => task.cancel());
  await expectCancelled(task);
  expect(state(semaphore)).toBe("locked");
}));

it("skips cancelled waiters", inTask(async () => {
  const semaphore = new Semaphore(0);
  const [t1, t2, t3, t4] = makeTasks(4, () => semaphore.acquire()) as [Task<unknown>, Task<unknown>, Task<unknown>, Task<unknown>];
  await pass();
  t1.cancel();
  t2.cancel();
  semaphore.release();
  await passes(2);
  expect(t3.done()).toBe(true);
  expect(t4.done()).toBe(false);
  t3.cancel();
  t4.cancel();
  await pass();
  expect(t4.cancelled()).toBe(true);
}));

it("lets the second waiter in when the first is cancelled", inTask(async () => {
  const semaphore = new Semaphore(0);
  const [t1, t2] = makeTasks(2, () => semaphore.acquire()) as [Task<unknown>, Task<unknown>];
  await pass();
  t1.cancel();
  semaphore.release();
  await passes(2);
  expect(semaphore.locked()).toBe(true);
  expect(t2.done()).toBe(true);
}));

it("has its room again when the task that acquired it is cancelled before it runs", inTask(async () => {
  const semaphore = new Semaphore(1);
  let entered = false;
  const t1 = createTask(async () => {
    {
      using _held = await semaphore.acquire();
      await pass();
    }
    t2.cancel();
  });
  const t2 = createTask(async () => {
    using _held = await semaphore.acquire();
    entered = true;
  });
  const [first, second] = await gather([t1, t2], { returnExceptions: true });
  expect(first).toBeUndefined();
  expect(second).toMatchObject({ name: "CancelledError" });
  expect(entered).toBe(false);
  await timeout(1_000, () => semaphore.acquire());
}));

it("a bounded one cannot be released more often than acquired", () => {
  expect(() => new BoundedSemaphore().release()).toThrow(/more often than acquired/);
});

it("is free when it is released and no task waits", inTask(async () => {
  const semaphore = new Semaphore();
  await semaphore.acquire();
  expect(semaphore.locked()).toBe(true);
  semaphore.release();
  expect(semaphore.locked()).toBe(false);
}));

it("a task cannot acquire it twice while others wait", inTask(async () => {
  const semaphore = new Semaphore(1);
  const result: string[] = [];
  await gather(makeTasks(3, async (index) => {
    for (const round of [1, 2]) {
      await semaphore.acquire();
      result.push(`c${index + 1}_${round}`);
      await sleep(1);
      semaphore.release();
    }
  }));
  expect(result).toEqual(["c1_1", "c2_1", "c3_1", "c1_2", "c2_2", "c3_2"]);
}));

it("a task that releases it and acquires it again goes to the end of the line", inTask(async () => {
  const semaphore = new Semaphore(1);
  const result: number[] = [];
  const t1 = taking(semaphore, result, 1);
  const t2 = createTask(async () => {
    await semaphore.acquire();
    result.push(2);
    semaphore.release();
    await semaphore.acquire();
    result.push(4);
    return true;
  });
  const t3 = taking(semaphore, result, 3);
  await pass();
  semaphore.release();
  semaphore.release();
  await gather([t1, t2, t3]);
  expect(result).toEqual([1, 2, 3, 4]);
}));

it("keeps the order after the first task has released it", inTask(async () => {
  const semaphore = new Semaphore(0);
  const result: number[] = [];
  const tasks = [1, 2, 3].map((number) => taking(semaphore, result, number));
  await pass();
  tasks[0]!.cancel();
  await pass();
  semaphore.release();
  semaphore.release();
  await gather(tasks, { returnExceptions: true });
  expect(result).toEqual([2, 3]);
}));

it("lets in all tasks that it has room for, when the first of them runs", inTask(async () => {
  const semaphore = new Semaphore(0);
  const result: number[] = [];
  let t4: Task<void> | undefined;
  const t1 = createTask(async () => {
    expect(semaphore.value).toBe(0);
    await semaphore.acquire();
    expect(semaphore.value).toBe(0);
    t4 = createTask(async () => void result.push(4));
    result.push(1);
  });
  const t2 = createTask(async () => {
    for (let left = 3; left > 0; left -= 1) semaphore.release();
    expect(semaphore.value).toBe(2);
    expect(semaphore.locked()).toBe(true);
    await semaphore.acquire();
    result.push(2);
  });
  const t3 = createTask(async () => {
    await semaphore.acquire();
    expect(semaphore.locked()).toBe(true);
    result.push(3);
  });
  await pass();
  expect(semaphore.value).toBe(2);
  expect(state(semaphore)).toBe("locked, waiters: 3");
  await pass();
  await gather([t1, t2, t3, t4!]);
  expect(result).toEqual([1, 2, 3, 4]);
}));
