// console.log of the loop's objects: what each is, its state, and where a task waits, in one line.
import { inspect } from "node:util";
import { CancelScope, createTask, EventLoop, Future, getRunningLoop, gather, Queue, run, sleep, taskGroup, timeout, VirtualTimeLoop } from "@offloop/core";
import { InlineExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { expect, it } from "vitest";

it("shows a future with its state, and its value or error", async () => {
  await run(async () => {
    const done = new Future<object>();
    done.setResult({ a: 1, nested: { deep: { deeper: {} } } });
    const failed = new Future<never>();
    failed.setException(new RangeError("no"));
    const odd = new Future<never>();
    odd.setException("a string");
    const cancelled = new Future<never>();
    cancelled.cancel();
    const queue = new Queue<number>();
    const waiting = queue.get();
    const pause = sleep(5);
    const all = gather([pause]);
    expect([done, failed, odd, cancelled, waiting, pause, all].map((each) => inspect(each))).toEqual([
      "Future [fulfilled: { a: 1, nested: { deep: [Object] } }]", "Future [rejected: RangeError: no]", "Future [rejected: 'a string']", "Future [cancelled]",
      "Future [pending]", "Future [pending]", "Future [pending]",
    ]);
    await all;
    expect(inspect(pause)).toBe("Future [fulfilled]");
    expect(inspect({ all })).toBe("{ all: Future [fulfilled: [ undefined ]] }");
    expect([failed.exception(), odd.exception()]).toEqual([new RangeError("no"), "a string"]);
  });
});

it("does not retrieve the error that it shows", async () => {
  const reports: string[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler(({ message }) => reports.push(message));
    (() => {
      const failed = new Future<never>();
      failed.setException(new RangeError("shown"));
      return inspect(failed);
    })();
  });
  expect(reports).toHaveLength(1);
});

it("shows a task with its name, its state, its function and what it waits for", async () => {
  await run(async () => {
    const inner = createTask(async function work() {
      await sleep(60_000);
    }, { name: "inner" });
    const outer = createTask(async () => await inner, { name: "outer" });
    const quick = createTask(async function quick() {
      return 5;
    });
    await quick;
    await sleep(1);
    expect(inspect(inner)).toBe("Task inner [pending, work(), waits for a Future]");
    expect(inspect(outer)).toBe("Task outer [pending, waits for Task inner]");
    expect(inspect(quick)).toMatch(/^Task Task-\d+ \[fulfilled: 5, quick\(\)\]$/);
    inner.cancel();
    await sleep(1);
    expect([inspect(inner), inspect(outer)]).toEqual(["Task inner [cancelled, work()]", "Task outer [cancelled]"]);
  });
});

it("shows in debug mode where a task waits", async () => {
  await run(async () => {
    const task = createTask(async function work() {
      await sleep(60_000);
    }, { name: "w" });
    await sleep(1);
    expect(inspect(task)).toMatch(/^Task w \[pending, work\(\), waits at (?:Task\.)?work \(.*inspect\.test\.ts:\d+:\d+\)\]$/);
    expect(inspect(getRunningLoop())).toBe("EventLoop [running, debug, tasks: 2]");
    task.cancel();
  }, { debug: true });
});

it("shows loops, groups, timeouts, scopes and handles", async () => {
  await run(async () => {
    const loop = getRunningLoop();
    expect(inspect(loop)).toBe("EventLoop [running, tasks: 1]");
    const group = await taskGroup(async (group) => {
      const task = group.createTask(() => sleep(1));
      expect(inspect(group)).toBe("TaskGroup [active, tasks: 1]");
      await task;
      return group;
    });
    expect(inspect(group)).toBe("TaskGroup [ended, tasks: 0]");
    await timeout(undefined, (limit) => expect(inspect(limit)).toBe("Timeout [active, when: never]"));
    await timeout(60_000, (limit) => expect(inspect(limit)).toBe(`Timeout [active, when: ${limit.when()}]`));
    const scope = new CancelScope({ shield: true });
    expect(inspect(scope)).toBe("CancelScope [not entered, shield, deadline: none]");
    await scope.run(() => scope.cancel());
    expect(inspect(scope)).toBe("CancelScope [left, cancelled, shield, deadline: none]");
    const handle = loop.callLater(60_000, function tick() {});
    expect(inspect(handle)).toBe(`TimerHandle [tick, when: ${handle.when()}]`);
    handle.cancel();
    expect(inspect(handle)).toBe(`TimerHandle [tick, when: ${handle.when()}, cancelled]`);
  });
  const virtual = new VirtualTimeLoop();
  expect(inspect(virtual)).toBe("VirtualTimeLoop [stopped, tasks: 0]");
  virtual.close();
  expect(inspect(virtual)).toBe("VirtualTimeLoop [closed, tasks: 0]");
});

it("shows executors, their views and the futures of their calls", async () => {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const inline = new InlineExecutor();
  const add = (a: number, b: number): number => a + b;
  expect(inspect(pool)).toBe("ThreadPoolExecutor [workers: 0, running: 0, queued: 0]");
  const call = pool.submit(add, 1, 2);
  const named = pool.with({ name: "sum" }).submit(add, 1, 2);
  expect([inspect(call), inspect(named)]).toEqual(["CallFuture [pending, call: add]", "CallFuture [pending, call: sum]"]);
  await Promise.all([call, named]);
  expect(inspect(call)).toBe("CallFuture [fulfilled, call: add]");
  expect(inspect(pool.with({ name: "sum" }))).toBe("view of ThreadPoolExecutor [workers: 1, running: 0, queued: 0]");
  expect(inspect(inline)).toBe("InlineExecutor [workers: 1, running: 0, queued: 0]");
  const failing = inline.submit(() => Promise.reject(new Error("no")));
  await failing.catch(() => {});
  expect(inspect(failing)).toContain("CallFuture [rejected");
});

it("shows what only has the prototype, and so no state", () => {
  for (const { prototype } of [Future, EventLoop, CancelScope, ThreadPoolExecutor]) expect(inspect(Object.create(prototype))).toMatch(/^\[object \w+\]$/);
});
