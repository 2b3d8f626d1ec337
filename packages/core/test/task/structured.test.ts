import { CancelledError, CancelScope, ContextVar, copyContext, createTask, currentTask, failAfter, getEventLoop, isCancelled, moveOnAfter, rethrowCancelled, run, sleep, taskGroup, type TaskGroup, TimeoutError, VirtualTimeLoop } from "@offloop/core";
import { expect, it } from "vitest";

const virtually = <T>(main: () => Promise<T>): Promise<T> => run(main, { loopFactory: () => new VirtualTimeLoop() }) as Promise<T>;

it("a group ends when all its tasks have ended, and gives the value that its body returns", () =>
  virtually(async () => {
    const steps: number[] = [];
    const value = await taskGroup(async (group) => {
      for (const ms of [3, 1, 2]) group.createTask(async () => void steps.push(await sleep(ms, { result: ms })));
      return "body";
    });
    expect(value).toBe("body");
    expect(steps).toEqual([1, 2, 3]);
  }));

it("the first failure cancels the other tasks and the body; all errors come in one", () =>
  virtually(async () => {
    const steps: string[] = [];
    const failed = taskGroup(async (group) => {
      group.createTask(async () => {
        await sleep(1);
        throw new RangeError("first");
      });
      group.createTask(async () => {
        try {
          await sleep(60_000);
        } catch {
          throw new TypeError("in clean-up");
        }
      });
      try {
        await sleep(60_000);
      } finally {
        steps.push("body was cancelled");
      }
    });
    const error = (await failed.catch((each: unknown) => each)) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors.map((each: Error) => each.message)).toEqual(["first", "in clean-up"]);
    expect(steps).toEqual(["body was cancelled"]);
    expect(currentTask()!.cancelling()).toBe(0);
  }));

it("a cancelled parent cancels its group, and no task outlives it", () =>
  virtually(async () => {
    const steps: string[] = [];
    const parent = createTask(() =>
      taskGroup(async (group) => {
        group.createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            await sleep(2);
            steps.push("child ended");
          }
        });
      }),
    );
    await sleep(1);
    parent.cancel("stop");
    await expect(parent).rejects.toBeInstanceOf(CancelledError);
    expect(steps).toEqual(["child ended"]);
  }));

it("a group that has ended starts nothing", async () => {
  let kept: TaskGroup | undefined;
  await taskGroup((group) => void (kept = group));
  expect(() => kept!.createTask(() => 1)).toThrow(/has ended/);
});

it("moveOnAfter leaves a late body and failAfter throws; both give the value of a body that is in time", () =>
  virtually(async () => {
    expect(await moveOnAfter(5, () => sleep(1, { result: "in time" }))).toBe("in time");
    expect(await moveOnAfter(5, () => sleep(60_000, { result: "late" }))).toBeUndefined();
    expect(await failAfter(5, () => sleep(1, { result: "in time" }))).toBe("in time");
    await expect(failAfter(5, () => sleep(60_000))).rejects.toBeInstanceOf(TimeoutError);
    await expect(moveOnAfter(5, () => Promise.reject(new RangeError("own")))).rejects.toThrow("own");
  }));

it("a cancelled scope cancels at every await, also after a catch", () =>
  virtually(async () => {
    let caught = 0;
    const scope = new CancelScope();
    const value = await scope.run(async () => {
      scope.cancel();
      for (let round = 0; round < 3; round += 1) {
        try {
          await sleep(60_000);
        } catch {
          caught += 1;
        }
      }
      await sleep(0);
      return "unreachable";
    });
    expect([value, caught, scope.cancelledCaught]).toEqual([undefined, 3, true]);
    expect(currentTask()!.cancelling()).toBe(0);
    await sleep(1);
  }));

it("the scopes around a shielded scope cannot cancel it", () =>
  virtually(async () => {
    const steps: string[] = [];
    const outer = new CancelScope();
    await outer.run(async () => {
      outer.cancel();
      await new CancelScope({ shield: true }).run(async () => {
        await sleep(5);
        steps.push("clean-up was done");
      });
      await sleep(0);
      steps.push("never");
    });
    expect(steps).toEqual(["clean-up was done"]);
  }));

it("an inner cancelled scope passes the cancellation of an outer one on", () =>
  virtually(async () => {
    const steps: string[] = [];
    const [outer, inner] = [new CancelScope(), new CancelScope()];
    await outer.run(async () => {
      await inner.run(async () => {
        inner.cancel();
        outer.cancel();
        await sleep(1);
      });
      steps.push("never");
    });
    expect([inner.cancelledCaught, outer.cancelledCaught, steps]).toEqual([false, true, []]);
  }));

it("the deadline of a scope can be moved while its body runs", () =>
  virtually(async () => {
    const moved = await moveOnAfter(5, async (scope) => {
      scope.deadline += 100;
      await sleep(50);
      return "had time";
    });
    expect(moved).toBe("had time");
    await expect((async () => new CancelScope({ deadline: NaN }))()).rejects.toThrow(/deadline/);
    const once = new CancelScope();
    await once.run(() => 1);
    await expect(once.run(() => 1)).rejects.toThrow(/already/);
  }));

it("a group in a cancelled scope ends with its tasks, without a busy loop", () =>
  virtually(async () => {
    const steps: string[] = [];
    await moveOnAfter(1, () =>
      taskGroup(async (group) => {
        group.createTask(async () => {
          try {
            await sleep(60_000);
          } finally {
            await sleep(3);
            steps.push("child ended");
          }
        });
        await sleep(60_000);
      }),
    );
    expect(steps).toEqual(["child ended"]);
  }));

it("isCancelled and rethrowCancelled tell cancellations from errors", () => {
  expect(isCancelled(new CancelledError())).toBe(true);
  expect(isCancelled(Object.assign(new Error("aborted", { cause: new CancelledError() }), { name: "AbortError" }))).toBe(true);
  expect(isCancelled(new Error("other"))).toBe(false);
  expect(() => rethrowCancelled(new CancelledError())).toThrow(CancelledError);
  expect(() => rethrowCancelled(new Error("other"))).not.toThrow();
});

it("a task sees its creator's context variables, and keeps its own changes to itself", () =>
  virtually(async () => {
    const user = new ContextVar<string>("user", { default: "nobody" });
    const token = user.set("ada");
    const sets = async (): Promise<void> => {
      await sleep(1);
      user.set("changed by a function that was called");
    };
    const task = createTask(async () => {
      const before = user.get();
      user.set("grace");
      await sleep(1);
      return [before, user.get()];
    });
    expect(await task).toEqual(["ada", "grace"]);
    expect(user.get()).toBe("ada");
    await sets();
    expect(user.get()).toBe("changed by a function that was called");
    user.reset(token);
    expect(user.get()).toBe("nobody");
    expect(() => user.reset(token)).toThrow(/used already/);
    const context = copyContext();
    expect(context.run(() => (user.set("inside"), user.get()))).toBe("inside");
    expect([user.get(), context.get(user)]).toEqual(["nobody", "inside"]);
    expect(() => new ContextVar("bare").get()).toThrow(/no value/);
    expect(new ContextVar<number>("bare").get(7)).toBe(7);
  }));

it("callbacks belong to no task", async () => {
  const seen = await createTask(() => new Promise((resolve) => void getEventLoop().callSoon(() => resolve(currentTask()))));
  expect(seen).toBeUndefined();
});
