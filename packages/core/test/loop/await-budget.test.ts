// The await budget: a task whose queue, lock or future is always ready lets the loop turn.
import { CancelledError, CapacityLimiter, createTask, Event, EventLoop, Future, InvalidOptionError, Lock, Queue, run, Semaphore, sleep, VirtualTimeLoop } from "@offloop/core";
import { expect, it } from "vitest";

const done = new Future<void>();
done.setResult();
const queue = new Queue<number>();
const event = new Event();
event.set();
const lock = new Lock();
const semaphore = new Semaphore(1);
const limiter = new CapacityLimiter(1);

const ready: [name: string, op: () => Promise<unknown>][] = [
  ["a future that is done", async () => await done],
  ["Queue.put", () => queue.put(1)],
  ["Queue.get", async () => (queue.putNowait(1), await queue.get())],
  ["Event.wait", () => event.wait()],
  ["Lock.acquire", async () => (await lock.acquire()).release()],
  ["Semaphore.acquire", async () => (await semaphore.acquire()).release()],
  ["CapacityLimiter.acquire", async () => (await limiter.acquire()).release()],
];

/** How many of `count` operations a task has done when another one gets its first turn. */
async function untilOthersRun(op: () => Promise<unknown>, count: number): Promise<number> {
  let made = 0;
  let seen = count;
  createTask(() => (seen = Math.min(seen, made)));
  for (; made < count; made += 1) await op();
  return seen;
}

it.each(ready)("a task whose %s is always ready yields after its budget", async (_name, op) => {
  expect(await run(() => untilOthersRun(op, 1_000), { loopFactory: () => new EventLoop({ awaitBudget: 128 }) })).toBe(128);
});

it.each(ready)("without a budget, %s does not yield, as in asyncio", async (_name, op) => {
  expect(await run(() => untilOthersRun(op, 1_000), { loopFactory: () => new EventLoop() })).toBe(1_000);
});

it("with a budget, timers fire and a cancellation arrives", async () => {
  const busy = async (): Promise<never> => {
    for (;;) await done;
  };
  const loopFactory = (): EventLoop => new EventLoop({ awaitBudget: 16 });
  const error = await run(async () => {
    const task = createTask(busy);
    await sleep(1);
    task.cancel("time is up");
    return await task.catch((reason: unknown) => reason);
  }, { loopFactory });
  expect([error instanceof CancelledError, (error as Error).cause]).toEqual([true, "time is up"]);
});

it("the budget is checked, and can be set later", () => {
  for (const awaitBudget of [0, -1, 1.5, NaN, "128" as never]) expect(() => new EventLoop({ awaitBudget })).toThrow(InvalidOptionError);
  const loop = new VirtualTimeLoop();
  loop.awaitBudget = 128;
  expect(loop.awaitBudget).toBe(128);
  loop.close();
});
