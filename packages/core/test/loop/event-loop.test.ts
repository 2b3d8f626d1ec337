import { createTask, EventLoop, getEventLoop, InvalidOptionError, sleep } from "@offloop/core";
import { AsyncLocalStorage } from "node:async_hooks";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const loop = getEventLoop();
const turn = (): Promise<void> => new Promise((resolve) => void loop.callSoon(resolve));

it("each thread has one", () => {
  expect(loop).toBeInstanceOf(EventLoop);
  expect(getEventLoop()).toBe(loop);
});

it("runs callbacks in the order of scheduling, never in the same stack, with their arguments", async () => {
  const order: string[] = [];
  loop.callSoon((text: string) => order.push(text), "a");
  loop.callSoon(() => loop.callSoon(() => order.push("d")));
  loop.callSoon((one: string, two: string) => order.push(one + two), "b", "c");
  expect(order).toEqual([]);
  await turn();
  await turn();
  expect(order).toEqual(["a", "bc", "d"]);
});

it("runs the microtasks of a handle before the next handle", async () => {
  const order: string[] = [];
  loop.callSoon(() => void Promise.resolve().then(() => order.push("microtask of 1")).then(() => order.push("and its own")));
  loop.callSoon(() => order.push("2"));
  await turn();
  expect(order).toEqual(["microtask of 1", "and its own", "2"]);
});

it("does not run a cancelled handle", async () => {
  let ran = 0;
  const handle = loop.callSoon(() => (ran += 1));
  const timer = loop.callLater(1, () => (ran += 1));
  handle.cancel();
  timer.cancel();
  expect(handle.cancelled() && timer.cancelled()).toBe(true);
  await new Promise<void>((resolve) => void loop.callLater(5, resolve));
  expect(ran).toBe(0);
});

it("runs timers in the order of their times, equal ones in the order of scheduling, and none early", async () => {
  const order: number[] = [];
  const start = loop.time();
  const when = start + 20;
  let early = 0;
  const run = (id: number, due: number): void => {
    order.push(id);
    if (loop.time() < due) early += 1;
  };
  loop.callAt(when, run, 2, when);
  loop.callAt(when, run, 3, when);
  loop.callAt(start + 5, run, 1, start + 5);
  for (let id = 10; id < 200; id += 1) loop.callAt(start + 25 + (id % 7), run, id, start + 25 + (id % 7));
  await new Promise<void>((resolve) => void loop.callLater(60, resolve));
  expect(order.slice(0, 3)).toEqual([1, 2, 3]);
  expect(order).toHaveLength(193);
  expect(early).toBe(0);
  const rest = order.slice(3);
  expect(rest).toEqual([...rest].sort((a, b) => (a % 7) - (b % 7) || a - b));
});

it("handles I/O beside a callback that reschedules itself", async () => {
  let going = true;
  const again = (): void => void (going && loop.callSoon(again));
  again();
  const text = await readFile(import.meta.filename, "utf8");
  going = false;
  expect(text).toContain("lets I/O through");
});

it("runs callbacks in the context of their scheduling", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = new Promise((resolve) => storage.run("mine", () => loop.callSoon(() => resolve(storage.getStore()))));
  const timed = new Promise((resolve) => storage.run("later", () => loop.callLater(1, () => resolve(storage.getStore()))));
  expect(await seen).toBe("mine");
  expect(await timed).toBe("later");
});

it("reports a callback that throws to the exception handler, and runs the next one", async () => {
  const seen: unknown[] = [];
  loop.setExceptionHandler(({ error }) => seen.push(error));
  loop.callSoon(() => {
    throw new Error("mishap");
  });
  await turn();
  loop.setExceptionHandler(undefined);
  expect(seen).toEqual([new Error("mishap")]);
});

it("refuses a value that is no time", () => {
  expect(() => loop.callLater(NaN, () => {})).toThrow(InvalidOptionError);
  expect(() => loop.callAt("soon" as never, () => {})).toThrow(/milliseconds/);
});

it("publishes the name of the handle or task that runs, for watchdogs to read", async () => {
  const sources: Map<string, () => unknown> = Reflect.get(globalThis, Symbol.for("offloop.running.v1"));
  const [key] = [...sources.keys()].filter((each) => each.startsWith("@offloop/core "));
  const running = sources.get(key!)!;
  await new Promise((resolve) => setImmediate(resolve));
  expect(running()).toBeUndefined();
  const inHandle = await new Promise((resolve) => {
    loop.callSoon(function named() {
      resolve(running());
    });
  });
  expect(inHandle).toEqual({ task: "named" });
  const inTask = await createTask(async () => {
    await sleep(0);
    return running();
  }, { name: "import" });
  expect(inTask).toEqual({ task: "import" });
});
