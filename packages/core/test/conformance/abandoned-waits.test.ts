// Waits that have begun and are given up. Each program runs on offloop's loop, and the same program on asyncio under
// CPython 3.13 if it is installed. Both must give the expected value.
import { CancelledError, Condition, createTask, Event, gather, Lock, Queue, race, run, Semaphore, sleep, VirtualTimeLoop, wait, waitFor } from "@offloop/core";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { findPython } from "../fuzz/python.mjs";

interface Program {
  readonly title: string;
  readonly offloop: () => Promise<unknown>;
  /** The body of `async def main()`: it returns what JSON can hold. */
  readonly asyncio: string;
  readonly gives: unknown;
}

const nameOf = async (awaitable: PromiseLike<unknown>): Promise<string> => {
  try {
    await awaitable;
    return "done";
  } catch (error) {
    return error instanceof CancelledError ? "CancelledError" : (error as Error).name;
  }
};

const programs: readonly Program[] = [
  {
    title: "waitFor(queue.get()) times out, and the next item stays in the queue",
    offloop: async () => {
      const queue = new Queue<number>();
      const outcome = await nameOf(waitFor(queue.get(), 20));
      queue.putNowait(1);
      return [outcome, queue.qsize()];
    },
    asyncio: `
      queue = asyncio.Queue()
      outcome = await name_of(asyncio.wait_for(queue.get(), 0.02))
      queue.put_nowait(1)
      return [outcome, queue.qsize()]`,
    gives: ["TimeoutError", 1],
  },
  {
    title: "waitFor(work()) times out long before the work would have ended",
    offloop: async () => {
      const seen: string[] = [];
      const work = async (): Promise<void> => {
        await sleep(300);
        seen.push("work ended");
      };
      seen.push(await nameOf(waitFor(work(), 20)));
      return seen;
    },
    asyncio: `
      seen = []
      async def work():
          await asyncio.sleep(0.3)
          seen.append("work ended")
      seen.append(await name_of(asyncio.wait_for(work(), 0.02)))
      return seen`,
    gives: ["TimeoutError"],
  },
  {
    title: "a task that stands for what has begun ends with its cancellation, not with that",
    offloop: async () => {
      const task = createTask(sleepNatively(300));
      await sleep(0);
      task.cancel();
      await sleep(0);
      return [task.done(), task.cancelled()];
    },
    asyncio: `
      task = asyncio.create_task(asyncio.sleep(0.3))
      await asyncio.sleep(0)
      task.cancel()
      await asyncio.sleep(0)
      return [task.done(), task.cancelled()]`,
    gives: [true, true],
  },
  {
    title: "the first of queue.get() and stop.wait() ends the wait, and no item is lost",
    offloop: async () => {
      const queue = new Queue<string>();
      const stop = new Event();
      createTask(async () => {
        await sleep(10);
        stop.set();
      });
      await race([queue.get(), stop.wait()]);
      queue.putNowait("kept");
      await sleep(0);
      return [stop.isSet(), queue.qsize(), await queue.get()];
    },
    asyncio: `
      queue = asyncio.Queue()
      stop = asyncio.Event()
      async def setter():
          await asyncio.sleep(0.01)
          stop.set()
      task = asyncio.create_task(setter())
      done, pending = await asyncio.wait([asyncio.create_task(queue.get()), asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
      for each in pending:
          each.cancel()
      await asyncio.wait(pending)
      queue.put_nowait("kept")
      await asyncio.sleep(0)
      return [stop.is_set(), queue.qsize(), await queue.get()]`,
    gives: [true, 1, "kept"],
  },
  {
    title: "cancelling what wait() left pending loses no item, also in the turn in which one comes",
    offloop: async () => {
      const queue = new Queue<number>();
      const stop = new Event();
      const { pending } = await wait([queue.get(), stop.wait()], { timeoutMs: 5 });
      queue.putNowait(1);
      for (const each of pending) each.cancel();
      await wait(pending);
      return [queue.qsize(), String(stop), [...pending].map((each) => each.cancelled())];
    },
    asyncio: `
      queue = asyncio.Queue()
      stop = asyncio.Event()
      done, pending = await asyncio.wait([asyncio.create_task(queue.get()), asyncio.create_task(stop.wait())], timeout=0.005)
      queue.put_nowait(1)
      for each in pending:
          each.cancel()
      await asyncio.wait(pending)
      return [queue.qsize(), "Event [unset]" if not stop._waiters else "?", [each.cancelled() for each in pending]]`,
    gives: [1, "Event [unset]", [true, true]],
  },
  {
    title: "an item for a getter that is cancelled in that turn goes to the next getter",
    offloop: async () => {
      const queue = new Queue<string>();
      const first = createTask(() => queue.get());
      const second = createTask(() => queue.get());
      await sleep(0);
      queue.putNowait("item");
      first.cancel();
      return [await nameOf(first), await second];
    },
    asyncio: `
      queue = asyncio.Queue()
      first = asyncio.create_task(queue.get())
      second = asyncio.create_task(queue.get())
      await asyncio.sleep(0)
      queue.put_nowait("item")
      first.cancel()
      return [await name_of(first), await second]`,
    gives: ["CancelledError", "item"],
  },
  {
    title: "a waiter whose item was taken before its step stands in line again, at the end",
    offloop: async () => {
      const queue = new Queue<string>();
      const taken: string[] = [];
      const take = (name: string) => createTask(async () => void taken.push(`${name}: ${await queue.get()}`));
      const tasks = [take("first"), take("second")];
      await sleep(0);
      queue.putNowait("a");
      queue.getNowait();
      await sleep(0);
      queue.putNowait("b");
      queue.putNowait("c");
      await gather(tasks);
      return taken;
    },
    asyncio: `
      queue = asyncio.Queue()
      taken = []
      async def take(name):
          taken.append(f"{name}: {await queue.get()}")
      tasks = [asyncio.create_task(take("first")), asyncio.create_task(take("second"))]
      await asyncio.sleep(0)
      queue.put_nowait("a")
      queue.get_nowait()
      await asyncio.sleep(0)
      queue.put_nowait("b")
      queue.put_nowait("c")
      await asyncio.gather(*tasks)
      return taken`,
    gives: ["second: b", "first: c"],
  },
  {
    title: "a put that times out leaves its item out",
    offloop: async () => {
      const queue = new Queue<string>(1);
      queue.putNowait("in");
      const outcome = await nameOf(waitFor(queue.put("out"), 20));
      return [outcome, queue.getNowait(), queue.empty()];
    },
    asyncio: `
      queue = asyncio.Queue(1)
      queue.put_nowait("in")
      outcome = await name_of(asyncio.wait_for(queue.put("out"), 0.02))
      return [outcome, queue.get_nowait(), queue.empty()]`,
    gives: ["TimeoutError", "in", true],
  },
  {
    title: "a lock and a semaphore that nobody got in time are free for the next",
    offloop: async () => {
      const lock = new Lock();
      const semaphore = new Semaphore(1);
      await lock.acquire();
      await semaphore.acquire();
      const outcomes = [await nameOf(waitFor(lock.acquire(), 5)), await nameOf(waitFor(semaphore.acquire(), 5))];
      lock.release();
      semaphore.release();
      return [...outcomes, lock.locked(), semaphore.locked(), await nameOf(waitFor(lock.acquire(), 5)), await nameOf(waitFor(semaphore.acquire(), 5))];
    },
    asyncio: `
      lock = asyncio.Lock()
      semaphore = asyncio.Semaphore(1)
      await lock.acquire()
      await semaphore.acquire()
      outcomes = [await name_of(asyncio.wait_for(lock.acquire(), 0.005)), await name_of(asyncio.wait_for(semaphore.acquire(), 0.005))]
      lock.release()
      semaphore.release()
      return [*outcomes, lock.locked(), semaphore.locked(), await name_of(asyncio.wait_for(lock.acquire(), 0.005)), await name_of(asyncio.wait_for(semaphore.acquire(), 0.005))]`,
    gives: ["TimeoutError", "TimeoutError", false, false, "done", "done"],
  },
  {
    title: "a condition's wait that times out has the lock again",
    offloop: async () => {
      const condition = new Condition();
      await condition.acquire();
      const outcome = await nameOf(waitFor(condition.wait(), 20));
      return [outcome, condition.locked()];
    },
    asyncio: `
      condition = asyncio.Condition()
      await condition.acquire()
      outcome = await name_of(asyncio.wait_for(condition.wait(), 0.02))
      return [outcome, condition.locked()]`,
    gives: ["TimeoutError", true],
  },
  {
    title: "queue.join() and event.wait() time out",
    offloop: async () => {
      const queue = new Queue<number>();
      queue.putNowait(1);
      return [await nameOf(waitFor(queue.join(), 5)), await nameOf(waitFor(new Event().wait(), 5))];
    },
    asyncio: `
      queue = asyncio.Queue()
      queue.put_nowait(1)
      return [await name_of(asyncio.wait_for(queue.join(), 0.005)), await name_of(asyncio.wait_for(asyncio.Event().wait(), 0.005))]`,
    gives: ["TimeoutError", "TimeoutError"],
  },
  {
    title: "run() ends though a task is left that waits for a queue",
    offloop: async () => {
      createTask(new Queue().get());
      await sleep(0);
      return "ended";
    },
    asyncio: `
      left = asyncio.create_task(asyncio.Queue().get())
      await asyncio.sleep(0)
      return "ended"`,
    gives: "ended",
  },
];

/** A native promise, which the loop cannot cancel. The tests run in virtual time, in which it never settles. */
function sleepNatively(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref());
}

const preamble = `
import asyncio, json
async def name_of(awaitable):
    try:
        await awaitable
        return "done"
    except asyncio.CancelledError:
        return "CancelledError"
    except Exception as error:
        return type(error).__name__
`;

function runPython(python: string, { asyncio }: Program): unknown {
  const body = asyncio.split("\n").slice(1).map((line) => line.slice(2)).join("\n");
  const source = `${preamble}\nasync def main():\n${body}\nprint(json.dumps(asyncio.run(main())))`;
  return JSON.parse(execFileSync(python, ["-c", source], { encoding: "utf8" })) as unknown;
}

const python = findPython();

describe.each(programs)("$title", (program) => {
  it("in offloop", async () => {
    expect(await run(program.offloop, { loopFactory: () => new VirtualTimeLoop() })).toEqual(program.gives);
  });
  if (python !== undefined) it("in CPython 3.13", () => expect(runPython(python, program)).toEqual(program.gives));
});

describe("race", () => {
  const inVirtualTime = <T>(main: () => Promise<T>) => run(main, { loopFactory: () => new VirtualTimeLoop() });

  it("a loser that had its item, lock or permit at once gives it back", () => inVirtualTime(async () => {
    const stop = new Event();
    const queue = new Queue<string>();
    const lock = new Lock();
    const semaphore = new Semaphore(1);
    stop.set();
    queue.putNowait("first");
    queue.putNowait("second");
    await race([stop.wait(), queue.get(), lock.acquire(), semaphore.acquire()]);
    expect([await queue.get(), await queue.get(), lock.locked(), semaphore.locked()]).toEqual(["first", "second", false, false]);
  }));

  it("a loser that got its item in the turn of the winner passes it to the next getter", () => inVirtualTime(async () => {
    const stop = new Event();
    const queue = new Queue<string>();
    const racing = createTask(() => race([stop.wait(), queue.get()]));
    await sleep(0);
    const next = createTask(() => queue.get());
    await sleep(0);
    stop.set();
    queue.putNowait("item");
    await racing;
    expect(await next).toBe("item");
  }));
});
