// Chains of many thousand tasks and futures: nothing recurses along them.
import { CancelledError, createTask, Future, gather, run, sleep, Task, taskGroup, timeout, TimeoutError, VirtualTimeLoop } from "@offloop/core";
import { expect, it } from "vitest";

const virtually = <T>(main: () => Promise<T>): Promise<T> => run(main, { loopFactory: () => new VirtualTimeLoop() }) as Promise<T>;
const LENGTH = 10_000;

/** Grows a chain of `LENGTH` futures from `first`, link by link. */
const chain = (first: Future<unknown>, link: (to: Future<unknown>, index: number) => Future<unknown>): Future<unknown>[] => {
  const futures = [first];
  for (let index = 0; index < LENGTH; index += 1) futures.push(link(futures.at(-1)!, index));
  return futures;
};

const links: Record<string, (to: Future<unknown>, index: number) => Future<unknown>> = {
  "tasks that await each other": (to) => createTask(async () => await to),
  "tasks that return each other": (to) => createTask(() => to),
  "gather of gather": (to) => gather([to]),
  "then of then": (to) => to.then(),
  "all of these": (to, index) => [() => createTask(async () => await to), () => gather([to]), () => to.then(), () => createTask(() => to)][index % 4]!(),
};

it.each(Object.keys(links))("cancels and settles 10,000 %s", async (kind) => {
  await virtually(async () => {
    const first = new Future<unknown>();
    const futures = chain(first, links[kind]!);
    await sleep(1);
    expect(futures.at(-1)!.cancel("enough")).toBe(true);
    expect(first.cancelled()).toBe(true);
    await expect(futures.at(-1)).rejects.toBeInstanceOf(CancelledError);
    await sleep(1);
    expect(futures.every((future) => future.done())).toBe(true);
    await Promise.allSettled(futures);
  });
  await virtually(async () => {
    const first = new Future<unknown>();
    const futures = chain(first, links[kind]!);
    await sleep(1);
    first.setResult("whole");
    let value = await futures.at(-1);
    while (Array.isArray(value)) [value] = value;
    expect(value).toBe("whole");
  });
}, 120_000);

it("a timeout and a group reach the end of a chain", async () => {
  await virtually(async () => {
    const first = new Future<unknown>();
    const futures = chain(first, links["tasks that await each other"]!);
    await expect(timeout(1, async () => await futures.at(-1))).rejects.toBeInstanceOf(TimeoutError);
    expect(first.cancelled()).toBe(true);
  });
  await virtually(async () => {
    const first = new Future<unknown>();
    const futures = chain(first, links["tasks that await each other"]!);
    const group = taskGroup(async (tasks) => {
      tasks.createTask(async () => await futures.at(-1));
      await sleep(1);
      throw new RangeError("no");
    });
    await expect(group).rejects.toBeInstanceOf(AggregateError);
    expect(first.cancelled()).toBe(true);
  });
}, 60_000);

it("calls the cancel() of a subclass in the middle of a chain", async () => {
  const told: unknown[] = [];
  class Watched extends Task<unknown> {
    override cancel(message?: unknown): boolean {
      told.push(message);
      return super.cancel(message);
    }
  }
  await virtually(async () => {
    const first = new Future<unknown>();
    const middle = new Watched(async () => await first);
    const last = createTask(async () => await gather([middle]));
    await sleep(1);
    last.cancel("enough");
    expect([told, first.cancelled()]).toEqual([["enough"], true]);
    await expect(last).rejects.toBeInstanceOf(CancelledError);
  });
});

it("a cancel() that throws in the middle of a chain leaves the other futures cancellable", async () => {
  class Throws extends Future<unknown> {
    throws = true;
    override cancel(message?: unknown): boolean {
      if (this.throws) throw new RangeError("not now");
      return super.cancel(message);
    }
  }
  await virtually(async () => {
    const first = new Throws();
    const last = createTask(async () => await createTask(async () => await first));
    await sleep(1);
    expect(() => last.cancel()).toThrow("not now");
    first.throws = false;
    expect(last.cancel()).toBe(true);
    await expect(last).rejects.toBeInstanceOf(CancelledError);
  });
});

it("reports a circle of tasks, however it arises", async () => {
  await virtually(async () => {
    const [one, two, three]: Task<unknown>[] = [createTask(async () => await two), createTask(async () => await three), createTask(async () => await one)] as never;
    await expect(one).rejects.toThrow(/awaits/);
    await Promise.allSettled([two, three]);
  });
});
