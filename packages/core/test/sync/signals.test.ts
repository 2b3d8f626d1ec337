// Waits outside tasks: each can be cancelled, by a signal or by the cancel() of its future, and loses nothing.
import { CancelledError, type Future, InvalidOptionError, isCancelled, run, sleep } from "@offloop/core";
import { Barrier } from "#core/sync/barrier.js";
import { CapacityLimiter } from "#core/sync/capacity-limiter.js";
import { Condition } from "#core/sync/condition.js";
import { Event } from "#core/sync/event.js";
import { Lock } from "#core/sync/lock.js";
import { Queue } from "#core/sync/queue.js";
import { Semaphore } from "#core/sync/semaphore.js";
import type { Abortable } from "#core/sync/waiter.js";
import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { expectCancelled, inTask, pass } from "./support.js";

/** A primitive whose `wait` has to wait until `serve`, which serves one waiter or all. */
interface Case {
  readonly primitive: { toString(): string };
  wait(options?: Abortable): Future<unknown>;
  serve(): void;
}

const cases: Readonly<Record<string, () => Promise<Case>>> = {
  "Lock.acquire": async () => {
    const lock = new Lock();
    await lock.acquire();
    return { primitive: lock, wait: (options) => lock.acquire(options), serve: () => lock.release() };
  },
  "Semaphore.acquire": async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    return { primitive: semaphore, wait: (options) => semaphore.acquire(options), serve: () => semaphore.release() };
  },
  "CapacityLimiter.acquire": async () => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquire();
    return { primitive: limiter, wait: (options) => limiter.acquire(options), serve: () => limiter.release() };
  },
  "CapacityLimiter.acquireOnBehalfOf": async () => {
    const limiter = new CapacityLimiter(1);
    await limiter.acquire();
    return { primitive: limiter, wait: (options) => limiter.acquireOnBehalfOf({}, options), serve: () => limiter.release() };
  },
  "Condition.acquire": async () => {
    const lock = new Lock();
    const condition = new Condition(lock);
    await condition.acquire();
    return { primitive: lock, wait: (options) => condition.acquire(options), serve: () => condition.release() };
  },
  "Queue.get": async () => {
    const queue = new Queue<number>();
    return { primitive: queue, wait: (options) => queue.get(options), serve: () => queue.putNowait(1) };
  },
  "Queue.put": async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(0);
    return { primitive: queue, wait: (options) => queue.put(1, options), serve: () => void queue.getNowait() };
  },
  "Queue.join": async () => {
    const queue = new Queue<number>();
    queue.putNowait(0);
    return { primitive: queue, wait: (options) => queue.join(options), serve: () => queue.taskDone() };
  },
  "Event.wait": async () => {
    const event = new Event();
    return { primitive: event, wait: (options) => event.wait(options), serve: () => event.set() };
  },
};

/** Runs `body` outside tasks, and in one: the steps of waiters are scheduled differently. */
function inBoth(title: string, body: () => Promise<void>): void {
  it(`${title} (outside tasks)`, body);
  it(`${title} (in a task)`, inTask(body));
}

describe.each(Object.entries(cases))("%s", (_name, make) => {
  inBoth("rejects with CancelledError, whose cause is the signal's reason, and leaves the line", async () => {
    const { primitive, wait } = await make();
    const before = String(primitive);
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = wait({ signal: controller.signal });
    await pass();
    expect(waiting.done()).toBe(false);
    controller.abort(reason);
    const error: unknown = await waiting.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CancelledError);
    expect((error as Error).cause).toBe(reason);
    expect(waiting.cancelled()).toBe(true);
    expect(String(primitive)).toBe(before);
  });

  inBoth("rejects at once for a signal that has fired, and takes nothing", async () => {
    const { primitive, wait, serve } = await make();
    serve();
    await pass();
    const before = String(primitive);
    const waiting = wait({ signal: AbortSignal.abort() });
    expect(waiting.cancelled()).toBe(true);
    expect(String(primitive)).toBe(before);
    await expectCancelled(waiting);
  });

  inBoth("gives its turn to the next waiter if the signal fires in the turn of the hand-over", async () => {
    const { wait, serve } = await make();
    const controller = new AbortController();
    const aborted = wait({ signal: controller.signal });
    const next = wait();
    await pass();
    serve();
    controller.abort();
    await expectCancelled(aborted);
    await next;
    expect(next.done()).toBe(true);
  });

  inBoth("gives its turn to the next waiter if its future is cancelled in the turn of the hand-over", async () => {
    const { wait, serve } = await make();
    const cancelled = wait();
    const next = wait();
    await pass();
    serve();
    expect(cancelled.cancel("mine")).toBe(true);
    await expect(cancelled).rejects.toThrow("mine");
    await next;
  });

  inBoth("leaves the line when its future is cancelled", async () => {
    const { primitive, wait } = await make();
    const before = String(primitive);
    const waiting = wait();
    await pass();
    expect(waiting.cancel()).toBe(true);
    expect(waiting.cancel()).toBe(false);
    await expectCancelled(waiting);
    expect(String(primitive)).toBe(before);
  });

  inBoth("leaves no listener on the signal, however it ends", async () => {
    const { wait, serve } = await make();
    const { signal } = new AbortController();
    const [served, cancelled] = [wait({ signal }), wait({ signal })];
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await pass();
    cancelled.cancel();
    await expectCancelled(cancelled);
    serve();
    await served;
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("refuses a value that is no signal, and acquires nothing", async () => {
    const { primitive, wait } = await make();
    const before = String(primitive);
    await expect(wait({ signal: {} as AbortSignal })).rejects.toThrow(InvalidOptionError);
    expect(String(primitive)).toBe(before);
  });
});

describe.each([
  ["Condition.wait", (condition: Condition, options?: Abortable) => condition.wait(options)],
  ["Condition.waitFor", (condition: Condition, options?: Abortable) => condition.waitFor(() => false, options)],
] as const)("%s", (_name, wait) => {
  inBoth("has the lock again before it rejects for its signal", async () => {
    const condition = new Condition();
    const hold = await condition.acquire();
    const controller = new AbortController();
    const waiting = wait(condition, { signal: controller.signal });
    const other = await condition.acquire();
    controller.abort("why");
    await pass();
    await pass();
    expect(waiting.done()).toBe(false);
    other.release();
    const error: unknown = await waiting.catch((thrown: unknown) => thrown);
    expect(isCancelled(error)).toBe(true);
    expect((error as Error).cause).toBe("why");
    expect(condition.locked()).toBe(true);
    hold.release();
    expect(String(condition)).toBe("Condition [unlocked]");
  });

  inBoth("keeps the lock where its signal has fired already", async () => {
    const condition = new Condition();
    await condition.acquire();
    await expectCancelled(wait(condition, { signal: AbortSignal.abort() }));
    expect(String(condition)).toBe("Condition [locked]");
  });
});

inBoth("a condition's notification goes to the next waiter if the first is aborted in that turn", async () => {
  const condition = new Condition();
  const controller = new AbortController();
  await condition.acquire();
  const aborted = condition.wait({ signal: controller.signal });
  await condition.acquire();
  const next = condition.wait();
  await condition.acquire();
  condition.notify();
  controller.abort();
  condition.release();
  await expectCancelled(aborted);
  condition.release();
  expect(await next).toBe(true);
});

inBoth("a barrier's waiter that is aborted leaves, and another one takes its place", async () => {
  const barrier = new Barrier(2);
  const controller = new AbortController();
  const aborted = barrier.wait({ signal: controller.signal });
  await pass();
  controller.abort("late");
  await expectCancelled(aborted);
  expect(barrier.nWaiting).toBe(0);
  expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1]);
});

inBoth("hold() passes its signal on, and does not run its body", async () => {
  const lock = new Lock();
  await lock.acquire();
  let ran = false;
  await expectCancelled(lock.hold(() => void (ran = true), { signal: AbortSignal.timeout(1) }));
  expect(ran).toBe(false);
  expect(String(lock)).toBe("Lock [locked]");
});

it("the predicate of a condition runs in the context of its waiter", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const condition = new Condition();
  await condition.acquire();
  const waiting = storage.run("waiter", () => condition.waitFor(() => seen.push(storage.getStore()) > 1));
  await storage.run("notifier", () => condition.hold(() => condition.notify()));
  await waiting;
  expect(seen).toEqual(["waiter", "waiter"]);
});

it("a waiter that outlives its loop does not delay other waiters", async () => {
  const queue = new Queue<number>();
  const controller = new AbortController();
  let left: Future<number> | undefined;
  await run(async () => {
    left = queue.get({ signal: controller.signal });
    await sleep(0);
  });
  const got = queue.get();
  queue.putNowait(1);
  expect(await got).toBe(1);
  controller.abort();
  expect(left!.done()).toBe(false);
});
