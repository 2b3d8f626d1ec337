// A task that cannot start: its error reaches the caller, and no task is left behind.
import { allTasks, Context, ContextVar, copyContext, createTask, getRunningLoop, newEventLoop, run, sleep, Task, taskGroup, type TaskOptions } from "@offloop/core";
import { expect, it } from "vitest";

const settles = async (make: () => unknown): Promise<unknown> => {
  try {
    return await make();
  } catch (error) {
    return error instanceof AggregateError ? error.errors[0] : error;
  }
};

const never = (): Promise<void> => sleep(60_000);
const wrong: Record<string, unknown> = {
  "a controller in the place of its signal": { signal: new AbortController() },
  "null for a signal": { signal: null },
  "an object that is no context": { context: {} },
  "null for a context": { context: null },
};

it.each(Object.keys(wrong))("refuses %s", async (title) => {
  const options = wrong[title] as TaskOptions;
  await run(async () => {
    const main = allTasks().size;
    for (const eager of [false, true]) {
      for (const [name, start] of Object.entries({
        createTask: () => createTask(never, { ...options, eager }),
        "loop.createTask": () => getRunningLoop().createTask(never, { ...options, eager }),
        taskGroup: () => taskGroup((group) => void group.createTask(never, { ...options, eager })),
        "new Task": () => new Task(never, { ...options, eager }),
      })) {
        expect(["InvalidOptionError", "TypeError"], `${name}, eager: ${eager}`).toContain(((await settles(start)) as Error).name);
        expect(allTasks().size, name).toBe(main);
      }
    }
  });
});

it("an eager task rejects if its context is already entered", async () => {
  const variable = new ContextVar<number>("entered");
  await run(async () => {
    const main = allTasks().size;
    const context = copyContext();
    const start = (): Task<void> => createTask(never, { eager: true, context });
    expect(await settles(() => context.run(start))).toMatchObject({ message: expect.stringContaining("entered already") });
    expect(await settles(() => taskGroup((group) => void context.run(() => group.createTask(never, { eager: true, context }))))).toMatchObject({ message: expect.stringContaining("entered already") });
    expect(allTasks().size).toBe(main);
    // A later start finds the context free.
    const task = context.run(() => createTask(async () => void variable.set(1), { context }));
    await task;
    expect(context.get(variable)).toBe(1);
  });
});

it("a task for a closed loop or with a body that cannot run leaves no task behind", async () => {
  const closed = newEventLoop();
  closed.close();
  await run(async () => {
    const main = allTasks().size;
    expect(await settles(() => closed.createTask(never))).toMatchObject({ name: "LoopClosedError" });
    expect(await settles(() => createTask(5 as never))).toBeInstanceOf(TypeError);
    expect(await settles(() => createTask(never, { context: new Context(), signal: AbortSignal.abort() }))).toMatchObject({ name: "CancelledError" });
    expect([allTasks().size, allTasks(closed).size]).toEqual([main, 0]);
  });
});
