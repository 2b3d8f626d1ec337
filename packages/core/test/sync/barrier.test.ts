// CPython's BarrierTests.
import { createTask, gather } from "@offloop/core";
import { Barrier } from "#core/sync/barrier.js";
import { BrokenBarrierError } from "#core/sync/errors.js";
import { expect, it } from "vitest";
import { expectCancelled, inTask, makeTasks, pass, state } from "./support.js";

const parties = 5;

function expectEmpty(barrier: Barrier): void {
  expect(barrier.nWaiting).toBe(0);
  expect(barrier.broken).toBe(false);
  expect(state(barrier)).toBe(`filling, waiters: 0/${barrier.parties}`);
}

/** Waits. @returns whether the barrier was reset or aborted meanwhile */
async function broke(barrier: Barrier): Promise<boolean> {
  try {
    await barrier.wait();
    return false;
  } catch (error) {
    if (error instanceof BrokenBarrierError) return true;
    throw error;
  }
}

it("awaiting it does not pass it", inTask(async () => {
  const barrier = new Barrier(parties);
  expect(await (barrier as unknown)).toBe(barrier);
  expectEmpty(barrier);
}));

it("shows its state: filling, draining, resetting, broken", inTask(async () => {
  const barrier = new Barrier(parties);
  expectEmpty(barrier);
  const waiting = makeTasks(2, () => barrier.wait());
  await pass();
  expect(state(barrier)).toBe("filling, waiters: 2/5");
  waiting.push(...makeTasks(barrier.parties - barrier.nWaiting, () => barrier.wait()));
  await pass();
  expect(state(barrier)).toBe("draining, waiters: 0/5");
  waiting.push(...makeTasks(2, () => barrier.wait()));
  await pass();
  await barrier.reset();
  expect(state(barrier)).toBe("resetting, waiters: 0/5");
  waiting.push(...makeTasks(2, () => barrier.wait()));
  await pass();
  await barrier.abort();
  expect(state(barrier)).toBe("broken");
  expect(barrier.broken).toBe(true);
  await gather(waiting, { returnExceptions: true });
}));

it("refuses a value of parties that is no count", () => {
  for (const bad of [0, -4, 1.5, NaN, "5" as never]) expect(() => new Barrier(bad)).toThrow(/parties/);
  expect(new Barrier(parties).parties).toBe(parties);
});

it("gives each task its own number", inTask(async () => {
  const barrier = new Barrier(3);
  const results = await gather(makeTasks(3, () => barrier.wait()));
  expect(results.toSorted()).toEqual([0, 1, 2]);
  expectEmpty(barrier);
}));

it("a barrier of one lets a task through at once", inTask(async () => {
  const barrier = new Barrier(1);
  expect(await barrier.wait()).toBe(0);
  expectEmpty(barrier);
}));

it("a barrier of one lets a task through twice", inTask(async () => {
  const barrier = new Barrier(1);
  const t1 = createTask(() => barrier.wait());
  await pass();
  expect(barrier.nWaiting).toBe(0);
  const t2 = createTask(() => barrier.wait());
  await pass();
  expect([t1.result(), t2.result()]).toEqual([0, 0]);
  expectEmpty(barrier);
}));

it("fills task by task", inTask(async () => {
  const barrier = new Barrier(3);
  const tasks = [createTask(() => barrier.wait())];
  await pass();
  expect(state(barrier)).toBe("filling, waiters: 1/3");
  tasks.push(createTask(() => barrier.wait()));
  await pass();
  expect(state(barrier)).toBe("filling, waiters: 2/3");
  tasks.push(createTask(() => barrier.wait()));
  await gather(tasks);
  expectEmpty(barrier);
}));

it("tasks that passed can wait again", inTask(async () => {
  const barrier = new Barrier(parties);
  const results: boolean[] = [];
  await gather(makeTasks(parties, async () => {
    await barrier.wait();
    results.push(true);
    await barrier.wait();
    results.push(false);
  }));
  expect(results).toEqual([...Array<boolean>(parties).fill(true), ...Array<boolean>(parties).fill(false)]);
  expectEmpty(barrier);
}));

it("gives each task its own number the second time, too", inTask(async () => {
  const barrier = new Barrier(parties);
  const results = await gather(makeTasks(parties, async () => {
    await barrier.wait();
    return barrier.wait();
  }));
  expect(results.toSorted()).toEqual([0, 1, 2, 3, 4]);
  expectEmpty(barrier);
}));

it("drains until the last task has left", inTask(async () => {
  const barrier = new Barrier(parties);
  const draining: boolean[] = [];
  await gather(makeTasks(parties, async () => {
    await barrier.wait();
    draining.push(state(barrier).startsWith("draining"));
  }));
  expect(draining).toEqual([true, true, true, true, false]);
  expectEmpty(barrier);
}));

it("a task that comes again while it drains has to wait", inTask(async () => {
  const barrier = new Barrier(parties);
  const rest = new Barrier(parties - 2);
  let again = 2;
  await gather(makeTasks(parties, async () => {
    await barrier.wait();
    if (again > 0) again -= 1;
    else await rest.wait();
    await barrier.wait();
  }));
  expect(again).toBe(0);
  expectEmpty(barrier);
  expectEmpty(rest);
}));

it("needs another task for each that is cancelled", inTask(async () => {
  const barrier = new Barrier(3);
  let passed = 0;
  const start = () => createTask(async () => {
    await barrier.wait();
    passed += 1;
  });
  const t1 = start();
  await pass();
  expect(barrier.nWaiting).toBe(1);
  const t2 = start();
  await pass();
  expect(barrier.nWaiting).toBe(2);
  t1.cancel();
  await pass();
  expect(barrier.nWaiting).toBe(1);
  await expectCancelled(t1);
  expect(t1.cancelled()).toBe(true);
  const t3 = start();
  await pass();
  expect(barrier.nWaiting).toBe(2);
  await gather([t2, t3, start()]);
  expect(passed).toBe(3);
  expectEmpty(barrier);
}));

it("can be reset while no task waits", inTask(async () => {
  const barrier = new Barrier(1);
  await createTask(() => barrier.reset());
  expect(barrier.nWaiting).toBe(0);
  expect(barrier.broken).toBe(false);
}));

it("throws BrokenBarrierError in waiting tasks when it is reset", inTask(async () => {
  const barrier = new Barrier(parties);
  const tasks = makeTasks(parties - 1, () => broke(barrier));
  await pass();
  const reset = createTask(() => barrier.reset());
  expect(await gather(tasks)).toEqual([true, true, true, true]);
  await reset;
  expectEmpty(barrier);
}));

it("throws it in tasks that have not left, when it is reset while it drains", inTask(async () => {
  const barrier = new Barrier(parties);
  let left = 0;
  const results = await gather(makeTasks(parties, async () => {
    if (await broke(barrier)) return true;
    left += 1;
    if (left === 3) await barrier.reset();
    return false;
  }));
  expect(results.filter(Boolean)).toHaveLength(2);
  expectEmpty(barrier);
}));

it("does not throw it in tasks that wait for it to drain, when it is reset", inTask(async () => {
  const barrier = new Barrier(parties);
  const blocking = 2;
  let drainedBroken = 0;
  let blockedBroken = 0;
  let count = 0;
  await gather(makeTasks(parties, async () => {
    if (await broke(barrier)) {
      drainedBroken += 1;
      await barrier.wait();
      return;
    }
    count += 1;
    if (count > blocking) {
      await barrier.reset();
      await barrier.wait();
    } else if (await broke(barrier)) blockedBroken += 1;
  }));
  expect(drainedBroken).toBe(blocking);
  expect(blockedBroken).toBe(0);
  expectEmpty(barrier);
}));

it("tasks that got BrokenBarrierError can wait again", inTask(async () => {
  const barrier = new Barrier(parties);
  let broken = 0;
  let passed = 0;
  const tasks = makeTasks(parties - 1, async () => {
    if (await broke(barrier)) broken += 1;
    await barrier.wait();
    passed += 1;
  });
  const reset = createTask(() => barrier.reset());
  await pass();
  const last = createTask(async () => {
    await barrier.wait();
    passed += 1;
  });
  await gather([...tasks, reset, last]);
  expect(broken).toBe(parties - 1);
  expect(passed).toBe(parties);
  expectEmpty(barrier);
}));

it("the last task to leave can reset it", inTask(async () => {
  const barrier = new Barrier(parties);
  let count = 0;
  let second = 0;
  let third = 0;
  await gather(makeTasks(parties, async () => {
    await barrier.wait();
    count += 1;
    if (count === parties) {
      await barrier.reset();
      await barrier.wait();
    } else {
      await barrier.wait();
      second += 1;
    }
    await barrier.wait();
    third += 1;
  }));
  expect(second).toBe(parties - 1);
  expect(third).toBe(parties);
  expectEmpty(barrier);
}));

it("can be aborted while no task waits", inTask(async () => {
  const barrier = new Barrier(1);
  await createTask(() => barrier.abort());
  expect(barrier.nWaiting).toBe(0);
  expect(barrier.broken).toBe(true);
  await expect(barrier.wait()).rejects.toThrow(BrokenBarrierError);
}));

it("throws BrokenBarrierError in all tasks, also in those that wait for it to drain, when it is aborted", inTask(async () => {
  const barrier = new Barrier(parties);
  const blocking = 2;
  let drainedBroken = 0;
  let blockedBroken = 0;
  let count = 0;
  await gather(makeTasks(parties, async () => {
    if (await broke(barrier)) {
      drainedBroken += 1;
      return;
    }
    count += 1;
    if (count > blocking) await barrier.abort();
    else if (await broke(barrier)) blockedBroken += 1;
  }));
  expect(barrier.broken).toBe(true);
  expect(drainedBroken).toBe(blocking);
  expect(blockedBroken).toBe(parties - blocking - 1);
  expect(state(barrier)).toBe("broken");
}));

it("a task that fails after passing it can abort it", inTask(async () => {
  const barrier = new Barrier(parties);
  const results = await gather(makeTasks(parties, async () => {
    try {
      if ((await barrier.wait()) === 2) {
        await barrier.abort();
        return "failed";
      }
      await barrier.wait();
      return "passed";
    } catch (error) {
      expect(error).toBeInstanceOf(BrokenBarrierError);
      return "broken";
    }
  }));
  expect(barrier.broken).toBe(true);
  expect(results.toSorted()).toEqual(["broken", "broken", "broken", "broken", "failed"]);
  expect(barrier.nWaiting).toBe(0);
}));

it("works again after abort() and reset()", inTask(async () => {
  const [first, second] = [new Barrier(parties), new Barrier(parties)];
  let broken = 0;
  let passed = 0;
  let passedAtLast = 0;
  await gather(makeTasks(parties, async () => {
    try {
      if ((await first.wait()) === 2) await first.abort();
      else {
        await first.wait();
        passed += 1;
      }
    } catch (error) {
      expect(error).toBeInstanceOf(BrokenBarrierError);
      broken += 1;
    }
    if ((await second.wait()) === 2) await first.reset();
    await second.wait();
    await first.wait();
    passedAtLast += 1;
  }));
  expect(passed).toBe(0);
  expect(broken).toBe(parties - 1);
  expect(passedAtLast).toBe(parties);
  expectEmpty(first);
}));

it("after a cancellation gives the same numbers as asyncio: one of them twice, one of them not", async () => {
  const barrier = new Barrier(3);
  const first = barrier.wait();
  const second = barrier.wait();
  first.cancel();
  await expect(first).rejects.toThrow();
  const others = [barrier.wait(), barrier.wait()];
  expect(await Promise.all([second, ...others])).toEqual([1, 1, 2]);
});
