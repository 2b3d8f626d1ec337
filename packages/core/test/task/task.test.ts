import { CancelledError, createTask, currentTask, Future, gather, run, sleep, Task, timeout, TimeoutError } from "@offloop/core";
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("runs an async function at the next pass, and settles as it does", async () => {
  let begun = false;
  const task = createTask(async () => {
    begun = true;
    await sleep(0);
    return "done";
  });
  expect(begun).toBe(false);
  expect(task).toBeInstanceOf(Task);
  expect(task).toBeInstanceOf(Future);
  expect(await task).toBe("done");
  await expect(createTask(() => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  await expect(
    createTask(() => {
      throw new RangeError("at once");
    }),
  ).rejects.toThrow("at once");
});

it("interleaves tasks at their awaits, in order", async () => {
  const order: string[] = [];
  const count = (name: string) => async () => {
    for (let step = 0; step < 3; step += 1) {
      order.push(`${name}${step}`);
      await sleep(0);
    }
  };
  await gather([createTask(count("a")), createTask(count("b"))]);
  expect(order).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
});

it("throws CancelledError at the await where the task waits, and runs its finally blocks", async () => {
  const steps: string[] = [];
  const task = createTask(async () => {
    try {
      await sleep(60_000);
    } catch (error) {
      steps.push((error as Error).name);
      throw error;
    } finally {
      await sleep(0);
      steps.push("cleaned up");
    }
  });
  await sleep(0);
  expect(task.cancel("stop")).toBe(true);
  expect(task.cancelling()).toBe(1);
  await expect(task).rejects.toMatchObject({ name: "CancelledError", cause: "stop" });
  expect(task.cancelled()).toBe(true);
  expect(steps).toEqual(["CancelledError", "cleaned up"]);
});

it("does not run a task that is cancelled before it begins", async () => {
  let begun = false;
  const task = createTask(() => (begun = true));
  task.cancel();
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(begun).toBe(false);
});

it("a task that catches its cancellation continues", async () => {
  const task = createTask(async () => {
    try {
      await sleep(60_000);
    } catch {
      return "survived";
    }
    return "slept";
  });
  await sleep(0);
  task.cancel();
  expect(await task).toBe("survived");
});

it("cancels tasks that are awaited by the task, through all levels", async () => {
  const inner = createTask(() => sleep(60_000));
  const outer = createTask(async () => {
    await inner;
  });
  await sleep(0);
  outer.cancel();
  await expect(outer).rejects.toBeInstanceOf(CancelledError);
  expect(inner.cancelled()).toBe(true);
});

it("aborts its signal for a task that waits for something else than a future", async () => {
  const seen: unknown[] = [];
  const task: Task<unknown> = createTask(
    () =>
      new Promise((_, reject) => {
        const { signal } = currentTask()!;
        signal.addEventListener("abort", () => {
          seen.push((signal.reason as Error).name);
          reject(signal.reason);
        });
      }),
  );
  await sleep(0);
  task.cancel();
  await expect(task).rejects.toBeInstanceOf(CancelledError);
  expect(seen).toEqual(["CancelledError"]);
});

it("knows the current task, and its name", async () => {
  expect(currentTask()).toBeUndefined();
  const task: Task<unknown> = createTask(
    async () => {
      await sleep(0);
      return [currentTask() === task, currentTask()?.getName()];
    },
    { name: "mine" },
  );
  expect(await task).toEqual([true, "mine"]);
});

it("timeout gives the result, or cancels its body and throws TimeoutError", async () => {
  expect(await timeout(60_000, () => sleep(1, { result: "in time" }))).toBe("in time");
  const steps: string[] = [];
  const late = timeout(5, async () => {
    try {
      await sleep(60_000);
    } finally {
      steps.push("cancelled");
    }
  });
  await expect(late).rejects.toMatchObject({ name: "TimeoutError", code: "ERR_OFFLOOP_TIMEOUT", timeoutMs: 5 });
  await expect(late).rejects.toBeInstanceOf(TimeoutError);
  expect(steps).toEqual(["cancelled"]);
  await expect(timeout(60_000, () => Promise.reject(new RangeError("own")))).rejects.toThrow(RangeError);
});

it("run gives the value of main, and refuses to run inside a task", async () => {
  expect(await run(async () => sleep(1, { result: 7 }))).toBe(7);
  await expect(run(() => run(() => 1))).rejects.toThrow(/inside a task/);
});

it("createTask takes a promise, and refuses a value that cannot run", async () => {
  expect(await createTask(Promise.resolve(3))).toBe(3);
  await expect(createTask(Promise.reject(new RangeError("early")))).rejects.toThrow("early");
  await expect(createTask(5 as never)).rejects.toThrow(/async function/);
});

it("a program stays alive while a task sleeps, and ends afterwards", () => {
  const program = `import { sleep, createTask } from "@offloop/core"; createTask(async () => { await sleep(20); console.log("slept"); });`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 })).toBe("slept\n");
});
