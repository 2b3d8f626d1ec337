// Functions and classes whose name is no text or cannot be read. They run as others do, and no report about them throws.
import { inspect } from "node:util";
import { createTask, EventLoop, Future, getRunningLoop, Lock, Queue, run, sleep } from "@offloop/core";
import { afterAll, expect, it, vi } from "vitest";

const refuse = (): never => {
  throw new RangeError("a trap");
};

/** Gives a function or a class a name, or hides it behind a proxy that has none. */
const hostile: Record<string, <F extends object>(fn: F) => F> = {
  "a symbol": (fn) => Object.defineProperty(fn, "name", { value: Symbol("name") }),
  "an object without a string form": (fn) => Object.defineProperty(fn, "name", { value: Object.create(null) as object }),
  "a getter that throws": (fn) => Object.defineProperties(fn, { name: { get: refuse }, length: { get: refuse } }),
  "a trap that throws": (fn) => new Proxy(fn, { get: (target, key) => (key === "name" || key === "length" ? refuse() : (Reflect.get(target, key) as unknown)) }),
};

const loops: EventLoop[] = [];
afterAll(() => {
  for (const loop of loops) loop.close();
});

/** A loop in debug mode that reports every callback as slow. */
function slowLoop(): EventLoop {
  const loop = new EventLoop({ debug: true });
  loop.slowCallbackDurationMs = 1e-6;
  loops.push(loop);
  return loop;
}

it.each(Object.entries(hostile))("%s as the name of a callback of the loop, and of a future", async (_, named) => {
  const loop = slowLoop();
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  try {
    await loop.runUntilComplete(async () => {
      const ran: string[] = [];
      const handle = getRunningLoop().callSoon(named(() => void ran.push("soon")));
      const timer = getRunningLoop().callLater(0, named(() => void ran.push("later")));
      expect(inspect(handle)).toBe("Handle [(anonymous)]");
      expect(inspect(timer)).toContain("TimerHandle [(anonymous), when:");
      const future = new Future<number>();
      future.addDoneCallback(named(() => void ran.push("done")));
      const followed = future.then(named((value: number) => value + 1));
      future.setResult(1);
      expect(await followed).toBe(2);
      await sleep(2);
      expect(ran.sort()).toEqual(["done", "later", "soon"]);
    });
    const warnings = warn.mock.calls.map(([text]) => String(text));
    expect(warnings).toContainEqual(expect.stringMatching(/^done callback held/));
    expect(warnings).toContainEqual(expect.stringMatching(/^\(anonymous\), scheduled/));
  } finally {
    warn.mockRestore();
  }
});

it.each(Object.entries(hostile))("%s as the name of a callback that throws", async (_, named) => {
  const reports: string[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler(({ message }) => void reports.push(message));
    getRunningLoop().callSoon(named(() => refuse()));
    const future = new Future<void>();
    future.addDoneCallback(named(() => refuse()));
    future.setResult();
    await sleep(1);
  });
  expect(reports.sort()).toEqual(["(anonymous) threw", "done callback threw"]);
});

it.each(Object.entries(hostile))("%s as the name of a task's body", async (_, named) => {
  const tasks = (): { readonly name: string; readonly body: string }[] => {
    const sources = (globalThis as { [key: symbol]: unknown })[Symbol.for("offloop.state.v1")] as Map<string, () => { readonly tasks?: { readonly name: string; readonly body: string }[] }>;
    return [...sources.values()].flatMap((read) => read().tasks ?? []);
  };
  await run(async () => {
    const task = createTask(named(async () => sleep(1, { result: 5 })), { name: "named" });
    expect(inspect(task)).toBe("Task named [pending]");
    expect(tasks().find(({ name }) => name === "named")?.body).toBe("");
    expect(await task).toBe(5);
    expect(inspect(task)).toBe("Task named [fulfilled: 5]");
  });
});

it.each(Object.entries(hostile))("%s as the name of a class of a primitive and of a loop", (_, named) => {
  const [OwnLock, OwnQueue, OwnLoop] = [named(class extends Lock {}), named(class extends Queue<number> {}), named(class extends EventLoop {})];
  expect([String(new OwnLock()), inspect(new OwnLock())]).toEqual(["object [unlocked]", "object [unlocked]"]);
  expect(String(new OwnQueue())).toMatch(/^object \[/);
  const loop = new OwnLoop();
  expect(inspect(loop)).toMatch(/^object \[/);
  loop.close();
});
