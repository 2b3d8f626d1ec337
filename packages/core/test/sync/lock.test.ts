// CPython's LockTests, and what a lock promises beyond them.
import { createTask, Future, getEventLoop, sleep } from "@offloop/core";
import { BoundedSemaphore } from "#core/sync/semaphore.js";
import { Condition } from "#core/sync/condition.js";
import { Hold } from "#core/sync/hold.js";
import { Lock } from "#core/sync/lock.js";
import { Semaphore } from "#core/sync/semaphore.js";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { expectCancelled, inTask, pass, state } from "./support.js";

it("shows its state", inTask(async () => {
  const lock = new Lock();
  expect(String(lock)).toBe("Lock [unlocked]");
  await lock.acquire();
  expect(inspect(lock)).toBe("Lock [locked]");
  const waiting = createTask(() => lock.acquire());
  await pass();
  expect(inspect(lock)).toBe("Lock [locked, waiters: 1]");
  lock.release();
  await waiting;
}));

it("awaiting the primitive itself does not acquire it", inTask(async () => {
  for (const primitive of [new Lock(), new Condition(), new Semaphore(), new BoundedSemaphore()]) {
    expect(await (primitive as unknown)).toBe(primitive);
    expect(primitive.locked()).toBe(false);
  }
}));

it("is acquired in the order of the requests", inTask(async () => {
  const lock = new Lock();
  const result: number[] = [];
  expect(await lock.acquire()).toBeInstanceOf(Hold);
  const take = (number: number) => createTask(async () => {
    if (await lock.acquire()) result.push(number);
    return true;
  });
  const t1 = take(1);
  const t2 = take(2);
  await pass();
  expect(result).toEqual([]);
  lock.release();
  await pass();
  expect(result).toEqual([1]);
  await pass();
  expect(result).toEqual([1]);
  const t3 = take(3);
  lock.release();
  await pass();
  expect(result).toEqual([1, 2]);
  lock.release();
  await pass();
  expect(result).toEqual([1, 2, 3]);
  for (const task of [t1, t2, t3]) expect(task.result()).toBe(true);
}));

it("removes a cancelled waiter", inTask(async () => {
  const lock = new Lock();
  await lock.acquire();
  const task = createTask(() => lock.acquire());
  getEventLoop().callSoon(() => task.cancel());
  await expectCancelled(task);
  expect(state(lock)).toBe("locked");
}));

it("goes to the second waiter when the first is cancelled as it is released", inTask(async () => {
  const lock = new Lock();
  const lockIt = (blocker?: Future<void>) => async () => {
    await lock.acquire();
    try {
      await blocker;
    } finally {
      lock.release();
    }
  };
  const blocker = new Future<void>();
  const a = createTask(lockIt(blocker));
  await pass();
  expect(lock.locked()).toBe(true);
  const b = createTask(lockIt());
  await pass();
  expect(state(lock)).toBe("locked, waiters: 1");
  const c = createTask(lockIt());
  await pass();
  expect(state(lock)).toBe("locked, waiters: 2");
  blocker.setResult();
  b.cancel();
  await pass();
  expect(lock.locked()).toBe(false);
  expect(a.done()).toBe(true);
  expect(b.cancelled()).toBe(true);
  await c;
}));

it("is acquired once when the first waiter is cancelled and the lock then released", inTask(async () => {
  const lock = new Lock();
  let locks = 0;
  let calls = 0;
  const lockIt = async (): Promise<void> => {
    calls += 1;
    await lock.acquire();
    locks += 1;
  };
  await lock.acquire();
  const t1 = createTask(lockIt);
  const t2 = createTask(lockIt);
  const t3 = createTask(lockIt);
  await pass();
  getEventLoop().callSoon(() => {
    t1.cancel();
    lock.release();
  });
  await expectCancelled(t1);
  expect(locks).toBe(1);
  expect(calls).toBe(3);
  expect(t1.cancelled() && t2.done()).toBe(true);
  t3.cancel();
  await pass();
  expect(t3.cancelled()).toBe(true);
}));

it("wakes the second waiter when the first is cancelled after it was woken", inTask(async () => {
  for (const releaseFirst of [false, true]) {
    const lock = new Lock();
    await lock.acquire();
    const b = createTask(() => lock.acquire());
    await pass();
    expect(state(lock)).toBe("locked, waiters: 1");
    const c = createTask(() => lock.acquire());
    if (releaseFirst) await pass();
    if (releaseFirst) lock.release();
    b.cancel();
    if (!releaseFirst) lock.release();
    await pass();
    if (releaseFirst) await pass();
    expect(lock.locked()).toBe(true);
    expect(b.cancelled()).toBe(true);
    await c;
  }
}));

it("cannot be released when it is not held", () => {
  expect(() => new Lock().release()).toThrow(/it is not held/);
});

it("is free when it is released and no task waits", inTask(async () => {
  const lock = new Lock();
  await lock.acquire();
  expect(lock.locked()).toBe(true);
  lock.release();
  expect(lock.locked()).toBe(false);
}));

it("is released at the end of a using block, an await using block, and of hold()", inTask(async () => {
  for (const primitive of [new Lock(), new Condition(), new Semaphore(), new BoundedSemaphore()]) {
    {
      using held = await primitive.acquire();
      expect(held.released).toBe(false);
      expect(primitive.locked()).toBe(true);
    }
    expect(primitive.locked()).toBe(false);
    {
      await using _held = await primitive.acquire();
      expect(primitive.locked()).toBe(true);
    }
    expect(primitive.locked()).toBe(false);
    expect(await primitive.hold(() => primitive.locked())).toBe(true);
    await expect(primitive.hold(() => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
    expect(primitive.locked()).toBe(false);
    await expect(primitive.hold(undefined as never)).rejects.toThrow(/takes an async function/);
  }
}));

it("is released once by a hold, and by a using block that is cancelled", inTask(async () => {
  const lock = new Lock();
  const hold = await lock.acquire();
  hold.release();
  hold.release();
  expect(hold.released).toBe(true);
  const task = createTask(async () => {
    using _held = await lock.acquire();
    await sleep(60_000);
  });
  await pass();
  expect(lock.locked()).toBe(true);
  task.cancel();
  await expectCancelled(task);
  expect(lock.locked()).toBe(false);
}));

it("is never held twice, also when code outside tasks acquires it while it is passed on", inTask(async () => {
  const lock = new Lock();
  let inside = 0;
  let most = 0;
  const enter = async (): Promise<void> => {
    using _held = await lock.acquire();
    inside += 1;
    most = Math.max(most, inside);
    await pass();
    inside -= 1;
  };
  const asking: Promise<void>[] = [];
  const tasks = Array.from({ length: 4 }, () => createTask(enter));
  for (let turn = 0; turn < 20; turn += 1) {
    await pass();
    for (let hops = 0, chain = Promise.resolve(); hops < 6; hops += 1) asking.push((chain = chain.then(() => {})).then(enter));
  }
  await Promise.all([...tasks, ...asking]);
  expect(most).toBe(1);
}));

it("keeps the cancellation's message", inTask(async () => {
  const lock = new Lock();
  await lock.acquire();
  const task = createTask(() => lock.acquire());
  await pass();
  task.cancel("enough");
  await expect(task).rejects.toThrow("enough");
}));
