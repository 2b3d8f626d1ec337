// Calls of executors and actors are awaitables of the loop: cancelling what awaits one cancels the call. A call here ends
// only if it is cancelled, so where a cancellation does not arrive, its test does not end.
//
// CPython 3.13, for each row, with `wrap_future(pool.submit(…))` where it has no awaitable of its own: the same
// exception, and `cancelled()` of the concurrent future is True if it had not begun. A thread of Python's cannot be cancelled.
import { asCompleted, CancelledError, createTask, ensureFuture, gather, getRunningLoop, moveOnAfter, race, shield, sleep, taskGroup, timeout, TimeoutError, wait, waitFor } from "@offloop/core";
import { type Actor, type CallFuture, closeActor, type Executor, InlineExecutor, InvalidStateError, ProcessPoolExecutor, spawnActor, ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as work from "../fixtures/never.mjs";

const makes = { thread: () => new ThreadPoolExecutor({ maxWorkers: 2 }), process: () => new ProcessPoolExecutor({ maxWorkers: 2 }), inline: () => new InlineExecutor() };

/** Ways to end an await of a call after a short time. Each returns the name of the error that its caller gets. */
const ways: Record<string, (start: () => PromiseLike<unknown>) => PromiseLike<unknown>> = {
  timeout: (start) => timeout(20, start),
  "timeout, await": (start) => timeout(20, async () => await start()),
  "timeout, then": (start) => timeout(20, async () => await start().then((value) => value)),
  "timeout, of a call made before": (start) => {
    const made = start();
    return timeout(20, async () => await made);
  },
  "timeout, Promise.all": (start) => timeout(20, () => Promise.all([start(), start()])),
  waitFor: (start) => waitFor(start(), 20),
  "waitFor, function": (start) => waitFor(start, 20),
  "waitFor, zero": (start) => waitFor(start(), 0),
  moveOnAfter: async (start) => (await moveOnAfter(20, start)) ?? Promise.reject(new TimeoutError(20)),
  createTask: (start) => cancelSoon(createTask(start())),
  "createTask, function": (start) => cancelSoon(createTask(start)),
  "createTask, await": (start) => cancelSoon(createTask(async () => await start())),
  "createTask, before its first step": (start) => {
    const task = createTask(start());
    task.cancel();
    return task;
  },
  gather: (start) => cancelSoon(gather([start(), start])),
  ensureFuture: (start) => cancelSoon(ensureFuture(start())),
  race: async (start) => {
    const loser = start();
    await race([loser, () => sleep(10)]);
    await loser;
  },
  taskGroup: async (start) => {
    const calls: PromiseLike<unknown>[] = [];
    await taskGroup(async (group) => {
      calls.push(start());
      group.createTask(calls[0]!);
      await sleep(10);
      throw new Error("the body fails");
    }).catch(() => {});
    await calls[0];
  },
};
const late = ["timeout", "waitFor", "moveOnAfter"];

async function cancelSoon(task: PromiseLike<unknown> & { cancel(): boolean }): Promise<unknown> {
  await sleep(10);
  expect(task.cancel()).toBe(true);
  return await task;
}

const nameOfError = async (outcome: PromiseLike<unknown>): Promise<string> => {
  try {
    return `no error, but ${String(await outcome)}`;
  } catch (error) {
    return (error as Error).name;
  }
};

describe.each(Object.entries(makes))("calls of a %s executor", (kind, make) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = make();
    await executor.ready();
  });
  afterAll(() => executor.shutdown({ cancelPending: true }));

  it.each(Object.keys(ways))("are cancelled by %s", async (way) => {
    const calls: CallFuture<unknown>[] = [];
    const submit = (): CallFuture<unknown> => {
      const call = executor.submit(work.untilCancelled);
      calls.push(call);
      return call;
    };
    expect(await nameOfError(ways[way]!(submit))).toBe(late.some((name) => way.startsWith(name)) ? "TimeoutError" : "CancelledError");
    expect(calls.map((call) => call.state)).toEqual(calls.map(() => "cancelled"));
    expect(await executor.submit(work.echo, "next")).toBe("next");
  });

  it("give their result and their error to tasks", async () => {
    expect(await createTask(executor.submit(work.echo, 1))).toBe(1);
    expect(await createTask(() => executor.submit(work.echo, 2))).toBe(2);
    expect(await timeout(10_000, async () => (await executor.submit(work.echo, 3)) + (await executor.submit(work.echo, 4)))).toBe(7);
    expect(await gather([executor.submit(work.echo, 5), () => executor.submit(work.echo, 6), sleep(0, { result: 7 })])).toEqual([5, 6, 7]);
    await expect(createTask(executor.submit(work.fails))).rejects.toMatchObject({ name: "RangeError", message: "too far" });
    await expect(timeout(10_000, () => executor.submit(work.fails))).rejects.toMatchObject({ name: "RangeError" });
    expect(await timeout(10_000, () => executor.submit(work.fails).catch((error: Error) => error.name))).toBe("RangeError");
  });

  it("are the objects that wait() and asCompleted() give back", async () => {
    const [quick, failing, never] = [executor.submit(work.echo, "quick"), executor.submit(work.fails), executor.submit(work.untilCancelled)];
    const keys = new Map<unknown, string>([[quick, "quick"], [failing, "failing"], [never, "never"]]);
    const given = [quick, failing, never];
    const found: string[] = [];
    for await (const future of asCompleted(given)) {
      found.push(`${keys.get(future)}: ${future.rejected() ? (future.exception() as Error).name : String(future.result())}`);
      if (found.length === 2) break;
    }
    expect(found.sort()).toEqual(["failing: RangeError", "quick: quick"]);
    const { done, pending } = await wait(given, { returnWhen: "FIRST_COMPLETED" });
    expect([...done].map((future) => keys.get(future)).sort()).toEqual(["failing", "quick"]);
    expect([...pending]).toEqual([never]); // neither wait() nor asCompleted() cancels
    const left = await wait(given, { timeoutMs: 5 });
    expect([...left.pending]).toEqual([never]);
    never.cancel();
    await expect(never).rejects.toBeInstanceOf(CancelledError);
  });

  it("tell their outcome as futures of the loop do", async () => {
    const [fulfilled, failed, cancelled] = [executor.submit(work.echo, 5), executor.submit(work.fails), executor.submit(work.untilCancelled)];
    expect([cancelled.done(), cancelled.cancelled(), cancelled.rejected()]).toEqual([false, false, false]);
    expect(() => cancelled.result()).toThrow(InvalidStateError);
    expect(() => cancelled.exception()).toThrow(InvalidStateError);
    cancelled.cancel("enough");
    await Promise.allSettled([fulfilled, failed, cancelled]);
    expect([fulfilled.done(), fulfilled.result(), fulfilled.exception()]).toEqual([true, 5, undefined]);
    expect([failed.done(), failed.rejected(), (failed.exception() as Error).name]).toEqual([true, true, "RangeError"]);
    expect(() => failed.result()).toThrow("too far");
    expect([cancelled.done(), cancelled.cancelled()]).toEqual([true, true]);
    expect(() => cancelled.result()).toThrow(CancelledError);
    expect(() => cancelled.exception()).toThrow(CancelledError);
  });

  it("continue when only a shield around them is cancelled", async () => {
    const call = executor.submit(work.untilCancelled);
    expect(await nameOfError(timeout(10, () => shield(call)))).toBe("TimeoutError");
    expect(call.state).toBe("pending");
    call.cancel();
    await expect(call).rejects.toBeInstanceOf(CancelledError);
  });

  it("that a task waits for through map(), stream() and broadcast() are cancelled with it", async () => {
    const steps: Record<string, () => Promise<unknown>> = {
      map: async () => {
        for await (const _ of executor.map(work.untilCancelled, [1, 2, 3] as never[])) expect.unreachable();
      },
      stream: async () => {
        const items: unknown[] = [];
        for await (const item of executor.stream(work.oneThenNever)) items.push(item);
        return items;
      },
    };
    if (kind !== "inline") steps.broadcast = () => executor.broadcast(work.untilCancelled);
    for (const [name, step] of Object.entries(steps)) expect(`${name}: ${await nameOfError(timeout(20, step))}`).toBe(`${name}: TimeoutError`);
    expect(await executor.submit(work.echo, "next")).toBe("next");
  });
});

describe.each(["thread", "process"] as const)("calls of an actor on a %s", (kind) => {
  let service: Actor<work.Service>;
  beforeAll(async () => {
    service = await spawnActor.with({ kind })(work.Service);
  });
  afterAll(() => closeActor(service));

  it.each(Object.keys(ways))("are cancelled by %s", async (way) => {
    // A task has to make the call: then its arguments carry a signal to the actor.
    const outcome = createTask(async () => await ways[way]!(() => service.never(undefined)));
    expect(await nameOfError(outcome)).toBe(late.some((name) => way.startsWith(name)) ? "TimeoutError" : "CancelledError");
    expect(await timeout(10_000, () => service.echo("next"))).toBe("next");
  });

  it("are cancelled while a task waits for the next item", async () => {
    const items: unknown[] = [];
    const reading = timeout(undefined, async (deadline) => {
      for await (const item of service.oneThenNever()) {
        items.push(item);
        deadline.reschedule(getRunningLoop().time() + 20);
      }
    });
    expect([await nameOfError(reading), items]).toEqual(["TimeoutError", [1]]);
  });
});
