import { allTasks, CancelledError, createTask, fromThread, getRunningLoop, run, shutdownDefaultExecutor, sleep, toProcess, toThread, VirtualTimeLoop } from "@offloop/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as work from "../fixtures/work.mjs";

beforeEach(() => void work.seen.splice(0));
afterEach(() => shutdownDefaultExecutor({ timeoutMs: 0 }));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

describe.each([["toThread", toThread], ["toProcess", toProcess]] as const)("%s", (_name, off) => {
  it("a function that a worker calls back runs as a task of the loop", async () => {
    const names: string[] = [];
    const sum = await run(async () => {
      const call = off(work.asksLoop);
      await until(() => allTasks().size === 2);
      names.push(...[...allTasks()].map((task) => task.getName()));
      return await call;
    });
    expect([sum, names.sort()]).toEqual([3, ["addOnLoop", "main"]]);
  });

  it("a cancelled task cancels its call and the call's own requests", async () => {
    await run(async () => {
      const task = createTask(() => off(work.asksForever));
      await until(() => allTasks().size === 3);
      const asked = [...allTasks()].find((each) => each.getName() === "sleepOnLoop")!;
      task.cancel("enough");
      await expect(task).rejects.toBeInstanceOf(CancelledError);
      await expect(asked).rejects.toMatchObject({ name: "CancelledError", cause: "enough" });
    });
  });

  it("callSoonThreadsafe schedules on the loop, in order; errors go to the exception handler", async () => {
    const errors: unknown[] = [];
    await run(async () => {
      getRunningLoop().setExceptionHandler(({ error }) => errors.push(error));
      await off(work.schedulesNotes);
      await until(() => work.seen.length === 2);
      expect(work.seen).toEqual(["main 1", "main 2"]);
      await off(work.schedulesFailure);
      await until(() => errors.length > 0);
    });
    expect(errors).toEqual([expect.objectContaining({ code: "E_WORK" })]);
  });
});

it("virtual time that a call has stopped passes for the call's own requests", async () => {
  expect(await run(() => toThread(work.asksSleep, 3_600_000), { loopFactory: () => new VirtualTimeLoop() })).toBe(3_600_000);
});

it("run waits for a request that a call makes while the run ends", async () => {
  const seen: unknown[] = [];
  await run(async () => {
    await toThread(work.add, 1, 1); // the executor is there: the next call is on its way at once
    void toThread(work.asksAfterwards, 50).then((sum) => seen.push(sum));
  });
  expect(seen).toEqual([3]);
});

it("a run that ends cancels the requests of its workers", async () => {
  const call = await run(async () => {
    const pending = toThread(work.asksForever);
    pending.catch(() => {});
    await until(() => allTasks().size === 2);
    return [pending];
  });
  expect(call).toHaveLength(1);
});

it("is refused on the thread of the loop", () => {
  expect(() => fromThread(work.add, 1, 2)).toThrow(/outside a worker/);
});
