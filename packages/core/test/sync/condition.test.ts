// CPython's ConditionTests, and level-triggered cancellation.
import { CancelledError, createTask, getEventLoop, sleep, timeout, TimeoutError } from "@offloop/core";
import { Condition } from "#core/sync/condition.js";
import { Lock } from "#core/sync/lock.js";
import { expect, it } from "vitest";
import { expectCancelled, inTask, pass, passes, state } from "./support.js";

/** A task that waits once, notes its number, and may release the lock. */
const waiting = (condition: Condition, result: number[], number: number, releases: boolean) => createTask(async () => {
  await condition.acquire();
  if (await condition.wait()) result.push(number);
  if (releases) condition.release();
  return true;
});

it("notified tasks continue one after the other, as the lock becomes free", inTask(async () => {
  const condition = new Condition();
  const result: number[] = [];
  const tasks = [1, 2, 3].map((number) => waiting(condition, result, number, false));
  await pass();
  expect(result).toEqual([]);
  expect(condition.locked()).toBe(false);
  await condition.acquire();
  condition.notify();
  await pass();
  expect(result).toEqual([]);
  expect(condition.locked()).toBe(true);
  condition.release();
  await pass();
  expect(result).toEqual([1]);
  expect(condition.locked()).toBe(true);
  condition.notify(2);
  await pass();
  expect(result).toEqual([1]);
  expect(condition.locked()).toBe(true);
  condition.release();
  await pass();
  expect(result).toEqual([1, 2]);
  expect(condition.locked()).toBe(true);
  condition.release();
  await pass();
  expect(result).toEqual([1, 2, 3]);
  expect(condition.locked()).toBe(true);
  for (const task of tasks) expect(task.result()).toBe(true);
}));

it("has the lock again when a wait is cancelled", inTask(async () => {
  const condition = new Condition();
  await condition.acquire();
  const wait = createTask(() => condition.wait());
  getEventLoop().callSoon(() => wait.cancel());
  await expectCancelled(wait);
  expect(state(condition)).toBe("locked");
}));

it("has the lock again when a wait is cancelled while other tasks hold it", inTask(async () => {
  const condition = new Condition();
  await condition.acquire();
  expect(condition.locked()).toBe(true);
  const wait = createTask(() => condition.wait());
  await pass();
  expect(condition.locked()).toBe(false);
  await condition.acquire();
  expect(condition.locked()).toBe(true);
  condition.notify();
  getEventLoop().callSoon(() => wait.cancel());
  getEventLoop().callSoon(() => condition.release());
  await wait.catch(() => {});
  expect(wait.done()).toBe(true);
  expect(condition.locked()).toBe(true);
}));

it("throws a cancellation that came while the lock was acquired again", inTask(async () => {
  const condition = new Condition();
  let waited = false;
  const waiter = createTask(async () => {
    using _held = await condition.acquire();
    waited = true;
    await condition.wait();
  });
  await pass();
  await condition.acquire();
  condition.notify();
  await pass();
  waiter.cancel();
  await pass();
  condition.release();
  await pass();
  expect(waiter.cancelled()).toBe(true);
  expect(waited).toBe(true);
}));

it("refuses wait() without the lock", inTask(async () => {
  await expect(new Condition().wait()).rejects.toThrow(/without its lock/);
}));

it("waitFor() calls its predicate again after each notification", inTask(async () => {
  const condition = new Condition();
  let holds = false;
  const result: number[] = [];
  const task = createTask(async () => {
    await condition.acquire();
    if (await condition.waitFor(() => holds)) {
      result.push(1);
      condition.release();
    }
    return true;
  });
  const notify = async (): Promise<void> => {
    await condition.acquire();
    condition.notify();
    condition.release();
    await pass();
  };
  await pass();
  expect(result).toEqual([]);
  await notify();
  expect(result).toEqual([]);
  holds = true;
  await notify();
  expect(result).toEqual([1]);
  expect(task.result()).toBe(true);
}));

it("gives the predicate's value, without the lock if it need not wait", inTask(async () => {
  const condition = new Condition();
  expect(await condition.waitFor(() => [1, 2, 3])).toEqual([1, 2, 3]);
  await expect(condition.waitFor(() => false)).rejects.toThrow(/without its lock/);
  await expect(condition.waitFor(true as never)).rejects.toThrow(/takes a function/);
}));

it("notifies the given number of tasks, or all if fewer wait", inTask(async () => {
  const condition = new Condition();
  const result: number[] = [];
  const tasks = [1, 2, 3].map((number) => waiting(condition, result, number, true));
  await pass();
  expect(result).toEqual([]);
  await condition.acquire();
  condition.notify(1);
  condition.release();
  await pass();
  expect(result).toEqual([1]);
  await condition.acquire();
  condition.notify(1);
  condition.notify(2_048);
  condition.release();
  await pass();
  expect(result).toEqual([1, 2, 3]);
  for (const task of tasks) expect(task.result()).toBe(true);
}));

it("notifies all tasks", inTask(async () => {
  const condition = new Condition();
  const result: number[] = [];
  const tasks = [1, 2].map((number) => waiting(condition, result, number, true));
  await pass();
  expect(result).toEqual([]);
  await condition.acquire();
  condition.notifyAll();
  condition.release();
  await pass();
  expect(result).toEqual([1, 2]);
  for (const task of tasks) expect(task.result()).toBe(true);
}));

it("refuses notify() without the lock", () => {
  expect(() => new Condition().notify()).toThrow(/without its lock/);
});

it("refuses notifyAll() without the lock", () => {
  expect(() => new Condition().notifyAll()).toThrow(/without its lock/);
});

it("shows its state", inTask(async () => {
  const condition = new Condition();
  expect(String(condition)).toBe("Condition [unlocked]");
  await condition.acquire();
  expect(state(condition)).toBe("locked");
  condition.release();
  const tasks = [1, 2].map((number) => waiting(condition, [], number, true));
  await pass();
  expect(state(condition)).toBe("unlocked, waiters: 2");
  await condition.hold(() => condition.notifyAll());
  for (const task of tasks) await task;
}));

it("is locked within a using block", inTask(async () => {
  const condition = new Condition();
  expect(condition.locked()).toBe(false);
  {
    using _held = await condition.acquire();
    expect(condition.locked()).toBe(true);
  }
  expect(condition.locked()).toBe(false);
}));

it("shares the given lock", inTask(async () => {
  const lock = new Lock();
  const condition = new Condition(lock);
  for (const primitive of [lock, condition]) {
    await primitive.hold(() => {
      expect(lock.locked()).toBe(true);
      expect(condition.locked()).toBe(true);
    });
    expect(lock.locked()).toBe(false);
    expect(condition.locked()).toBe(false);
  }
  expect(() => new Condition({} as Lock)).toThrow(/lock/);
}));

it("a timeout within its block leaves it", inTask(async () => {
  const condition = new Condition();
  using _held = await condition.acquire();
  await expect(timeout(5, () => condition.wait())).rejects.toThrow(TimeoutError);
  expect(condition.locked()).toBe(true);
}));

it("throws the same error object that its wait was cancelled with", inTask(async () => {
  for (const inReacquire of [false, true]) {
    const condition = new Condition();
    let goOn = false;
    let raised: unknown;
    const task = createTask(async () => {
      using _held = await condition.acquire();
      try {
        await condition.waitFor(() => goOn);
      } catch (error) {
        raised = error;
        throw error;
      }
    });
    await pass();
    if (inReacquire) {
      await condition.acquire();
      goOn = true;
      condition.notify();
      await pass();
    }
    task.cancel("foo");
    if (inReacquire) condition.release();
    const thrown = await task.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(CancelledError);
    expect((thrown as Error).message).toBe("foo");
    expect(thrown).toBe(raised);
  }
}));

it("notifies another when the notified task is cancelled, before it runs or as it takes the lock", inTask(async () => {
  for (const inReacquire of [false, true]) {
    const condition = new Condition();
    let items = 0;
    const consumer = async (): Promise<void> => {
      using _held = await condition.acquire();
      for (;;) {
        await condition.waitFor(() => items !== 0);
        if (items < 0) return;
        items -= 1;
      }
    };
    const first = createTask(consumer);
    const second = createTask(consumer);
    await pass();
    await condition.hold(async () => {
      items += 1;
      condition.notify(1);
      if (inReacquire) await pass();
      first.cancel();
      // The consumer does not notify, but the cancelled one did, in its place: one of the two is the waker.
      await timeout(20, () => condition.waitFor(() => items === 0)).catch((error: unknown) => {
        if (!(error instanceof TimeoutError)) throw error;
      });
      expect(items).toBe(0);
      items = -1;
      condition.notifyAll();
    });
    await second;
    expect(first.cancelled()).toBe(true);
  }
}));

it("takes the lock again after any number of cancellations", inTask(async () => {
  const condition = new Condition();
  const ended: string[] = [];
  const task = createTask(async () => {
    await condition.acquire();
    try {
      await condition.wait();
    } catch (error) {
      ended.push(`cancelled: ${(error as Error).message}, locked: ${condition.locked()}`);
      condition.release();
    }
  });
  await pass();
  await condition.acquire();
  condition.notify();
  for (let round = 1; round <= 5; round += 1) {
    await passes(2);
    task.cancel(`no. ${round}`);
  }
  const late = createTask(async () => {
    using _held = await condition.acquire();
    ended.push("late");
  });
  await sleep(5);
  expect(ended).toEqual([]);
  condition.release();
  await late;
  await task;
  expect(ended).toEqual(["cancelled: no. 5, locked: true", "late"]);
  expect(state(condition)).toBe("unlocked");
}));
