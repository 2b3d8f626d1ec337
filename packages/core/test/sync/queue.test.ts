// CPython's Queue*Tests.
import { createTask, gather, getEventLoop, timeout, TimeoutError, type Task } from "@offloop/core";
import { QueueEmpty, QueueFull, QueueShutDown } from "#core/sync/errors.js";
import { Event } from "#core/sync/event.js";
import { LifoQueue } from "#core/sync/lifo-queue.js";
import { PriorityQueue } from "#core/sync/priority-queue.js";
import { Queue } from "#core/sync/queue.js";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { expectCancelled, inTask, pass, passes, state } from "./support.js";

async function getAll<T>(queue: Queue<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) items.push(await queue.get());
  return items;
}

describe("a queue", () => {
  it("shows its state", inTask(async () => {
    const queue = new Queue<number>();
    expect(inspect(queue)).toBe("Queue [maxsize: 0]");
    const getter = createTask(() => queue.get());
    await pass();
    expect(state(queue)).toBe("maxsize: 0, getters: 1");
    queue.putNowait(0);
    expect(await getter).toBe(0);
    const bounded = new Queue<number>(1);
    bounded.putNowait(1);
    const putter = createTask(() => bounded.put(2));
    await pass();
    expect(state(bounded)).toBe("maxsize: 1, items: 1, putters: 1, unfinished: 1");
    bounded.getNowait();
    await putter;
    expect(putter.done()).toBe(true);
  }));

  it("is empty until an item is put, and again after get", inTask(async () => {
    const queue = new Queue<number>();
    expect(queue.empty()).toBe(true);
    await queue.put(1);
    expect(queue.empty()).toBe(false);
    expect(await queue.get()).toBe(1);
    expect(queue.empty()).toBe(true);
  }));

  it("is full with maxsize items", inTask(async () => {
    expect(new Queue().full()).toBe(false);
    const queue = new Queue<number>(1);
    await queue.put(1);
    expect(queue.full()).toBe(true);
    expect(() => new Queue("1" as never)).toThrow(/maxsize/);
  }));

  it("gives items in the order of its kind", inTask(async () => {
    for (const [queue, order] of [[new Queue<number>(), [1, 3, 2]], [new LifoQueue<number>(), [2, 3, 1]], [new PriorityQueue<number>(), [1, 2, 3]]] as const) {
      for (const item of [1, 3, 2]) await queue.put(item);
      expect(await getAll(queue, 3)).toEqual(order);
    }
  }));

  it("a put beyond maxsize waits", inTask(async () => {
    const queue = new Queue<number>(2);
    expect(queue.maxsize).toBe(2);
    const put: number[] = [];
    const task = createTask(async () => {
      for (let item = 0; item < 3; item += 1) {
        await queue.put(item);
        put.push(item);
      }
      return true;
    });
    await passes(2);
    expect(put).toEqual([0, 1]);
    expect(await queue.get()).toBe(0);
    await pass();
    expect(put).toEqual([0, 1, 2]);
    expect(await queue.get()).toBe(1);
    expect(await queue.get()).toBe(2);
    expect(task.result()).toBe(true);
  }));
});

describe("get", () => {
  it("gives an item at once if it has one", inTask(async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    expect(await queue.get()).toBe(1);
    queue.putNowait(2);
    expect(queue.getNowait()).toBe(2);
  }));

  it("wakes a putter", inTask(async () => {
    const queue = new Queue<number>(1);
    await queue.put(1);
    const putter = createTask(() => queue.put(2));
    await pass();
    expect(await queue.get()).toBe(1);
    await pass();
    expect(putter.done()).toBe(true);
    expect(queue.getNowait()).toBe(2);
  }));

  it("waits for an item", inTask(async () => {
    const queue = new Queue<number>();
    const started = new Event();
    let finished = false;
    const task = createTask(async () => {
      started.set();
      const item = await queue.get();
      finished = true;
      return item;
    });
    await started.wait();
    expect(finished).toBe(false);
    getEventLoop().callLater(1, () => queue.putNowait(1));
    expect(await task).toBe(1);
    expect(finished).toBe(true);
  }));

  it("getNowait throws QueueEmpty instead of waiting", () => {
    expect(() => new Queue().getNowait()).toThrow(QueueEmpty);
  });

  it("skips a cancelled getter", inTask(async () => {
    const queue = new Queue<string>();
    const t1 = createTask(() => queue.get());
    const t2 = createTask(() => queue.get());
    await pass();
    t1.cancel();
    await pass();
    expect(t1.done()).toBe(true);
    await queue.put("a");
    await pass();
    expect(await t2).toBe("a");
  }));

  it("takes turns with waiting putters", inTask(async () => {
    const queue = new Queue<string>(1);
    const putters = [createTask(() => queue.put("a")), createTask(() => queue.put("b"))];
    expect(await queue.get()).toBe("a");
    expect(await queue.get()).toBe("b");
    await gather(putters);
    const numbers = new Queue<number>(1);
    const producer = createTask(async () => {
      for (let item = 0; item < 5; item += 1) await numbers.put(item);
    });
    expect(await getAll(numbers, 5)).toEqual([0, 1, 2, 3, 4]);
    await producer;
  }));

  it("removes a getter that timed out", inTask(async () => {
    const queue = new Queue<number>(5);
    await expect(timeout(5, () => queue.get())).rejects.toThrow(TimeoutError);
    expect(state(queue)).toBe("maxsize: 5");
  }));

  it("leaves the item in the queue when it is cancelled as it is woken", inTask(async () => {
    const queue = new Queue<number>();
    const reader = createTask(() => queue.get());
    await pass();
    queue.putNowait(1);
    queue.putNowait(2);
    reader.cancel();
    await expectCancelled(reader);
    expect(await createTask(() => queue.get())).toBe(1);
  }));

  it("passes the item to the next getter when it is cancelled as it is woken", inTask(async () => {
    const queue = new Queue<number>();
    const [r1, r2, r3] = [1, 2, 3].map(() => createTask(() => queue.get())) as [Task<number>, Task<number>, Task<number>];
    await pass();
    queue.putNowait(1);
    queue.putNowait(2);
    r1.cancel();
    await expectCancelled(r1);
    await gather([r2, r3]);
    expect(new Set([r2.result(), r3.result()])).toEqual(new Set([1, 2]));
  }));
});

describe("put", () => {
  it("does not wait while there is room", inTask(async () => {
    const queue = new Queue<number>();
    await queue.put(1);
    expect(await queue.get()).toBe(1);
    queue.putNowait(2);
    expect(queue.getNowait()).toBe(2);
  }));

  it("waits for room", inTask(async () => {
    const queue = new Queue<number>(1);
    const started = new Event();
    let finished = false;
    getEventLoop().callLater(1, () => queue.getNowait());
    const task = createTask(async () => {
      started.set();
      await queue.put(1);
      await queue.put(2);
      finished = true;
    });
    await started.wait();
    expect(finished).toBe(false);
    await task;
    expect(finished).toBe(true);
  }));

  it("puts nothing when it is cancelled as it is woken", inTask(async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    const writer = createTask(() => queue.put(2));
    await pass();
    expect(queue.getNowait()).toBe(1);
    writer.cancel();
    await expectCancelled(writer);
    expect(queue.empty()).toBe(true);
    await createTask(() => queue.put(2));
    expect(queue.getNowait()).toBe(2);
    expect(queue.qsize()).toBe(0);
  }));

  it("putNowait throws QueueFull instead of waiting; a fractional maxsize is rounded up", inTask(async () => {
    const one = new Queue<number>(1);
    one.putNowait(1);
    expect(() => one.putNowait(2)).toThrow(QueueFull);
    const queue = new Queue<number>(1.3);
    await queue.put(1);
    queue.putNowait(2);
    expect(queue.full()).toBe(true);
    expect(() => queue.putNowait(3)).toThrow(QueueFull);
  }));

  it("hands the item to a getter in the same pass", inTask(async () => {
    const queue = new Queue<number>();
    const task = createTask(async () => {
      await queue.put(1);
      return true;
    });
    expect(await queue.get()).toBe(1);
    expect(task.result()).toBe(true);
  }));

  it("skips a cancelled putter", inTask(async () => {
    const queue = new Queue<string>(1);
    const [a, b, c] = ["a", "b", "X"].map((item) => createTask(() => queue.put(item))) as [Task<void>, Task<void>, Task<void>];
    await pass();
    expect(a.done()).toBe(true);
    expect(b.done()).toBe(false);
    c.cancel();
    await pass();
    expect(c.done()).toBe(true);
    expect(queue.getNowait()).toBe("a");
    await pass();
    expect(queue.getNowait()).toBe("b");
    await b;
  }));

  it("wakes a getter that waits", inTask(async () => {
    const queue = new Queue<string>();
    const task = createTask(() => queue.get());
    await pass();
    await queue.put("a");
    expect(await task).toBe("a");
  }));

  it("continues for each item that a getter takes without waiting", inTask(async () => {
    const queue = new Queue<number>(2);
    const getter = createTask(async () => {
      await pass();
      for (let left = queue.qsize(); left > 0; left -= 1) queue.getNowait();
    });
    await gather([getter, ...[0, 1, 2, 3].map((item) => createTask(() => queue.put(item)))]);
    expect(queue.qsize()).toBe(2);
  }));

  it("removes a cancelled putter, whether or not it was woken", inTask(async () => {
    for (const woken of [false, true]) {
      const queue = new Queue<number>(1);
      queue.putNowait(1);
      const task = createTask(() => queue.put(1));
      await pass();
      expect(state(queue)).toBe("maxsize: 1, items: 1, putters: 1, unfinished: 1");
      if (woken) queue.getNowait();
      task.cancel();
      await expectCancelled(task);
      expect(state(queue)).not.toContain("putters");
    }
  }));
});

const kinds = [
  ["Queue", Queue],
  ["LifoQueue", LifoQueue],
  ["PriorityQueue", PriorityQueue],
] as const;

describe.each(kinds)("the joining of a %s", (_name, Kind) => {
  it("refuses more taskDone() than items", () => {
    expect(() => new Kind().taskDone()).toThrow(/more often than items/);
  });

  it("resolves when all items are done", inTask(async () => {
    const queue = new Kind<number>();
    for (let item = 0; item < 100; item += 1) queue.putNowait(item);
    let sum = 0;
    let running = true;
    const workers = [1, 2].map(() => createTask(async () => {
      while (running) {
        sum += await queue.get();
        queue.taskDone();
      }
    }));
    await queue.join();
    expect(sum).toBe(4_950);
    running = false;
    for (const _ of workers) queue.putNowait(0);
    await gather(workers);
  }));

  it("resolves at once without any item", inTask(async () => {
    const queue = new Kind<number>();
    await queue.join();
    await queue.join();
    expect(queue.empty()).toBe(true);
  }));

  it("shows how many items are not done", () => {
    const queue = new Kind<number>();
    expect(state(queue)).toBe("maxsize: 0");
    for (const item of [1, 2]) queue.putNowait(item);
    for (const _ of [1, 2]) queue.getNowait();
    expect(state(queue)).toBe("maxsize: 0, unfinished: 2");
  });
});

describe.each(kinds)("the shutdown of a %s", (_name, Kind) => {
  async function refusesAll(queue: Queue<string>): Promise<void> {
    await expect(queue.put("data")).rejects.toThrow(QueueShutDown);
    expect(() => queue.putNowait("data")).toThrow(QueueShutDown);
    await expect(queue.get()).rejects.toThrow(QueueShutDown);
    expect(() => queue.getNowait()).toThrow(QueueShutDown);
  }

  it("shows in inspect()", () => {
    const queue = new Kind<string>();
    queue.shutdown();
    expect(state(queue)).toBe("maxsize: 0, shut down");
  });

  it("wakes getters of an empty queue", inTask(async () => {
    const queue = new Kind<string>();
    const get = createTask(() => queue.get());
    await pass();
    queue.shutdown();
    expect(queue.qsize()).toBe(0);
    await queue.join();
    await pass();
    expect(get.done()).toBe(true);
    await expect(get).rejects.toThrow(QueueShutDown);
    await refusesAll(queue);
  }));

  it("wakes putters of a full queue, and its items can still be got", inTask(async () => {
    const queue = new Kind<string>(1);
    queue.putNowait("data");
    const join = createTask(() => queue.join());
    const put = createTask(() => queue.put("data2"));
    await pass();
    expect(put.done()).toBe(false);
    queue.shutdown();
    expect(queue.qsize()).toBe(1);
    await pass();
    expect(put.done()).toBe(true);
    await expect(put).rejects.toThrow(QueueShutDown);
    expect(await queue.get()).toBe("data");
    await pass();
    expect(join.done()).toBe(false);
    await refusesAll(queue);
    queue.taskDone();
    await pass();
    expect(join.done()).toBe(true);
    expect(() => queue.taskDone()).toThrow(/more often/);
  }));

  it("drops its items when it is immediate", inTask(async () => {
    const queue = new Kind<string>();
    queue.putNowait("data");
    const join = createTask(() => queue.join());
    queue.shutdown({ immediate: true });
    expect(queue.qsize()).toBe(0);
    await pass();
    expect(join.done()).toBe(true);
    await refusesAll(queue);
    expect(() => queue.taskDone()).toThrow(/more often/);
  }));

  it("still needs taskDone() for items got before, when it is immediate", inTask(async () => {
    const queue = new Kind<string>();
    queue.putNowait("data");
    queue.putNowait("data");
    const join = createTask(() => queue.join());
    expect(await queue.get()).toBe("data");
    queue.shutdown({ immediate: true });
    expect(queue.qsize()).toBe(0);
    await pass();
    expect(join.done()).toBe(false);
    await refusesAll(queue);
    queue.taskDone();
    expect(() => queue.taskDone()).toThrow(/more often/);
    await pass();
    expect(join.done()).toBe(true);
  }));

  it("ends a for await over it", inTask(async () => {
    const queue = new Kind<number>();
    const seen: number[] = [];
    const reader = createTask(async () => {
      for await (const item of queue) seen.push(item);
      return "ended";
    });
    for (const item of [1, 2]) {
      await queue.put(item);
      await pass();
    }
    queue.shutdown();
    expect(await reader).toBe("ended");
    expect(seen).toEqual([1, 2]);
  }));
});

describe("a PriorityQueue", () => {
  it("orders arrays as tuples, other items by compare, and equal ones in the order of their puts", () => {
    const tuples = new PriorityQueue<[number, string]>();
    for (const item of [[2, "a"], [1, "b"], [1, "a"]] as [number, string][]) tuples.putNowait(item);
    expect([1, 2, 3].map(() => tuples.getNowait())).toEqual([[1, "a"], [1, "b"], [2, "a"]]);
    const jobs = new PriorityQueue<{ urgency: number; name: string }>(0, { compare: (a, b) => a.urgency - b.urgency });
    for (const [urgency, name] of [[1, "a"], [0, "b"], [1, "c"], [0, "d"], [1, "e"]] as const) jobs.putNowait({ urgency, name });
    expect([1, 2, 3, 4, 5].map(() => jobs.getNowait().name).join("")).toBe("bdace");
  });

  it("refuses items without an order, and keeps the others", () => {
    const queue = new PriorityQueue<unknown>();
    for (const bad of [{}, NaN, undefined, null, Symbol("s"), [{}]]) expect(() => queue.putNowait(bad)).toThrow(/cannot order/);
    for (const item of [3, 1, 2n]) queue.putNowait(item);
    expect(() => queue.putNowait("text")).toThrow(/cannot order a string and a number/);
    expect(queue.qsize()).toBe(3);
    expect([1, 2, 3].map(() => queue.getNowait())).toEqual([1, 2n, 3]);
    expect(() => new PriorityQueue(0, { compare: 1 as never })).toThrow(/compare/);
    const broken = new PriorityQueue<number>(0, { compare: () => NaN });
    broken.putNowait(1);
    expect(() => broken.putNowait(2)).toThrow(/compare function of a PriorityQueue must return a number/);
    expect(broken.qsize()).toBe(1);
  });
});
