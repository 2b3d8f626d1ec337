// TaskGroup.cancel(), as asyncio has it since 3.15: the group ends early, and no CancelledError leaves it.
import { inspect } from "node:util";
import { CancelledError, createTask, currentTask, isCancelled, run, sleep, TaskGroup, taskGroup, VirtualTimeLoop, wait } from "@offloop/core";
import { expect, it } from "vitest";

const virtually = (main: () => Promise<unknown>) => run(main, { loopFactory: () => new VirtualTimeLoop() });
const forever = () => sleep(3_600_000);

it("cancels the tasks and the body, and returns undefined", () =>
  virtually(async () => {
    const ended: string[] = [];
    const result = await taskGroup(async (group) => {
      const child = group.createTask(forever);
      child.addDoneCallback(() => ended.push(child.state));
      createTask(async () => group.cancel());
      try {
        await forever();
      } finally {
        ended.push("body");
      }
    });
    expect([result, ended, currentTask()!.cancelling()]).toEqual([undefined, ["body", "cancelled"], 0]);
    await sleep(1);
  }));

it("cancels the tasks of a group whose body has ended, and keeps the body's result", () =>
  virtually(async () => {
    const ended = await taskGroup(async (group) => {
      group.createTask(async () => {
        await sleep(1);
        group.cancel();
        group.cancel();
      });
      group.createTask(forever);
      return "result";
    });
    expect([ended, currentTask()!.cancelling()]).toEqual(["result", 0]);
    await sleep(1);
  }));

it("lets a body that does not wait run to its end", () =>
  virtually(async () => {
    expect(await taskGroup((group) => (group.cancel(), "end"))).toBe("end");
    expect(currentTask()!.cancelling()).toBe(0);
    await sleep(1);
  }));

it("refuses tasks of a group that was cancelled", () =>
  virtually(async () => {
    const error = await taskGroup(async (group) => {
      group.cancel();
      group.createTask(forever);
    }).catch((thrown: unknown) => thrown as AggregateError);
    expect(error).toBeInstanceOf(AggregateError);
    expect(String((error as AggregateError).errors[0])).toMatch(/shutting down/);
    await sleep(1);
  }));

it("cancels the body at its first wait if it was called before run()", () =>
  virtually(async () => {
    const steps: string[] = [];
    const group = new TaskGroup();
    group.cancel();
    expect(inspect(group)).toBe("TaskGroup [shutting down, tasks: 0]");
    const result = await group.run(async () => {
      steps.push("entered");
      await sleep(0);
      steps.push("unreachable");
    });
    expect([result, steps, currentTask()!.cancelling()]).toEqual([undefined, ["entered"], 0]);
    await sleep(1);
  }));

it("is entered once, also outside a task, and is not entered before run()", async () => {
  const group = new TaskGroup();
  expect(inspect(group)).toBe("TaskGroup [not entered, tasks: 0]");
  expect(() => group.createTask(forever)).toThrow(/has not been entered/);
  const first = group.run(() => "first");
  await expect(group.run(() => "second")).rejects.toThrow(/entered already/);
  expect(await first).toBe("first");
  group.cancel();
  await expect(group.run(() => "third")).rejects.toThrow(/entered already/);
});

it("throws the errors of tasks and body that come while it ends", () =>
  virtually(async () => {
    const outcome = taskGroup(async (group) => {
      group.createTask(async () => {
        try {
          await forever();
        } catch {
          throw new RangeError("of the clean-up");
        }
      });
      await sleep(1);
      group.cancel();
      throw new TypeError("of the body");
    });
    const error = (await outcome.catch((thrown: unknown) => thrown)) as AggregateError;
    expect(error.errors.map(String)).toEqual(["RangeError: of the clean-up", "TypeError: of the body"]);
    expect(currentTask()!.cancelling()).toBe(0);
    await sleep(1);
  }));

it("does not hide a cancellation from outside", () =>
  virtually(async () => {
    const outer = createTask(() => taskGroup(async (group) => {
      group.createTask(forever);
      createTask(async () => {
        group.cancel();
        outer.cancel("outside");
      });
      await forever();
    }));
    await wait([outer]);
    expect(outer.cancelled()).toBe(true);
  }));

it("spares the code around the group, and a group around it", () =>
  virtually(async () => {
    const steps: string[] = [];
    await taskGroup(async (outer) => {
      const sibling = outer.createTask(() => sleep(5, { result: "sibling" }));
      await taskGroup(async (inner) => {
        inner.cancel();
        await forever().catch((error: unknown) => {
          steps.push(String(isCancelled(error)));
          throw error;
        });
      });
      await sleep(1);
      steps.push(await sibling);
    });
    expect(steps).toEqual(["true", "sibling"]);
  }));

it("the outer group ends the inner one", () =>
  virtually(async () => {
    let error: unknown;
    await taskGroup(async (outer) => {
      outer.createTask(async () => void (await sleep(1), outer.cancel()));
      await taskGroup((inner) => void inner.createTask(forever)).catch((thrown: unknown) => {
        error = thrown;
        throw thrown;
      });
    });
    expect([error instanceof CancelledError, currentTask()!.cancelling()]).toEqual([true, 0]);
    await sleep(1);
  }));
