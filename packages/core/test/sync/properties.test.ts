// Fairness and cancel-safety for random programs: tasks arrive, hold, leave, and are cancelled at any pass,
// including the pass in which they are woken. Every task that was not cancelled has its turn, in the order
// of arrival. At the end the primitive is in its initial state.
import { createTask, sleep, type Task } from "@offloop/core";
import { CapacityLimiter } from "#core/sync/capacity-limiter.js";
import { Condition } from "#core/sync/condition.js";
import { Lock } from "#core/sync/lock.js";
import { LifoQueue } from "#core/sync/lifo-queue.js";
import { PriorityQueue } from "#core/sync/priority-queue.js";
import { Queue } from "#core/sync/queue.js";
import { Semaphore } from "#core/sync/semaphore.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { passes } from "./support.js";

const plan = fc.array(
  fc.record({
    /** The passes before it comes. */
    comes: fc.nat(6),
    /** The passes for which it stays. */
    stays: fc.nat(3),
    /** The pass in which it is cancelled. */
    cancelledIn: fc.option(fc.nat(16), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Cancels each of `tasks` in its pass, and gives the rest time to come to where they end or wait. */
async function cancelAsPlanned(tasks: readonly Task<unknown>[], cancelledIn: readonly (number | undefined)[]): Promise<void> {
  for (let turn = 0; turn <= 16; turn += 1) {
    tasks.forEach((task, index) => void (cancelledIn[index] === turn && task.cancel()));
    await sleep(0);
  }
  await passes(8);
}

/** As `cancelAsPlanned`; all of them must come to an end. */
async function runPlan(tasks: readonly Task<unknown>[], cancelledIn: readonly (number | undefined)[]): Promise<void> {
  await cancelAsPlanned(tasks, cancelledIn);
  for (let left = 400; left > 0 && tasks.some((task) => !task.done()); left -= 1) await sleep(0);
  expect(tasks.filter((task) => !task.done())).toHaveLength(0);
}

it.each([
  ["Lock", 1, () => new Lock()],
  ["Condition", 1, () => new Condition()],
  ["Semaphore(1)", 1, () => new Semaphore(1)],
  ["Semaphore(3)", 3, () => new Semaphore(3)],
  ["CapacityLimiter(2)", 2, () => new CapacityLimiter(2)],
] as const)("%s loses no turn, lets in no more than it may, and keeps the order", async (_name, room, make) => {
  await fc.assert(
    fc.asyncProperty(plan, async (members) => {
      const primitive = make();
      const fresh = String(primitive);
      const asked: number[] = [];
      const entered: number[] = [];
      let inside = 0;
      let most = 0;
      const tasks = members.map(({ comes, stays }, index) => createTask(async () => {
        await passes(comes);
        asked.push(index);
        using _held = await primitive.acquire();
        entered.push(index);
        inside += 1;
        most = Math.max(most, inside);
        try {
          await passes(stays);
        } finally {
          inside -= 1;
        }
      }));
      await runPlan(tasks, members.map((member) => member.cancelledIn));
      expect(most).toBeLessThanOrEqual(room);
      expect(entered).toEqual(asked.filter((index) => entered.includes(index)));
      tasks.forEach((task, index) => expect(task.cancelled() || entered.includes(index)).toBe(true));
      expect(String(primitive)).toBe(fresh);
    }),
    { numRuns: 60 },
  );
});

it.each([
  ["Queue", (size: number) => new Queue<number>(size)],
  ["LifoQueue", (size: number) => new LifoQueue<number>(size)],
  ["PriorityQueue", (size: number) => new PriorityQueue<number>(size)],
] as const)("%s loses no item and gives none twice", async (_name, make) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(3), plan, plan, async (size, getting, putting) => {
      const queue = make(size);
      const put: number[] = [];
      const got: number[] = [];
      const getters = getting.map(({ comes }) => createTask(async () => {
        await passes(comes);
        got.push(await queue.get());
      }));
      const putters = putting.map(({ comes }, item) => createTask(async () => {
        await passes(comes);
        await queue.put(item);
        put.push(item);
      }));
      const cancelledIn = [...getting, ...putting].map((member) => member.cancelledIn);
      await cancelAsPlanned([...getters, ...putters], cancelledIn);
      // Some may wait for good, as there are more getters than items or more items than room: but never both
      // an item and a getter, nor room and a putter.
      if (getters.some((task) => !task.done())) expect(queue.empty()).toBe(true);
      if (putters.some((task) => !task.done())) expect(queue.full()).toBe(true);
      const left: number[] = [];
      const drain = (): void => {
        while (!queue.empty()) left.push(queue.getNowait());
      };
      for (let turn = 0; turn < putting.length + 2; turn += 1) {
        drain();
        await sleep(0);
      }
      expect([...got, ...left].toSorted((a, b) => a - b)).toEqual(put.toSorted((a, b) => a - b));
      queue.shutdown({ immediate: true });
      await Promise.allSettled([...getters, ...putters]);
    }),
    { numRuns: 60 },
  );
});

it("gives a Queue's items in the order in which they were put, whatever is cancelled", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.integer(), fc.constant("take" as const)), { maxLength: 6_000, minLength: 3_000 }), async (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step !== "take") {
          queue.putNowait(step);
          model.push(step);
        } else if (model.length > 0) expect(queue.getNowait()).toBe(model.shift());
      }
      while (model.length > 0) expect(queue.getNowait()).toBe(model.shift());
      expect(queue.empty()).toBe(true);
    }),
    { numRuns: 5 },
  );
});

it("gives a PriorityQueue's items in order, equal ones in the order of their puts", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(5), { nil: "take" as const })), (steps) => {
      const queue = new PriorityQueue<readonly [number, number]>(0, { compare: (a, b) => a[0] - b[0] });
      const model: (readonly [number, number])[] = [];
      steps.forEach((step, index) => {
        if (step !== "take") {
          queue.putNowait([step, index]);
          model.push([step, index]);
          model.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        } else if (model.length > 0) expect(queue.getNowait()).toEqual(model.shift());
      });
      expect(queue.qsize()).toBe(model.length);
    }),
  );
});
