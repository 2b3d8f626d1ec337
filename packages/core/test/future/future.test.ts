import { getEventListeners } from "node:events";
import { CancelledError, createTask, Future, gather, InvalidStateError, newEventLoop, sleep } from "@offloop/core";
import { expect, it } from "vitest";

it("is a promise, and settles as one", async () => {
  const future = new Future<number>();
  expect(future).toBeInstanceOf(Promise);
  expect([future.done(), future.cancelled()]).toEqual([false, false]);
  future.setResult(5);
  expect(future.done()).toBe(true);
  expect(future.result()).toBe(5);
  expect(future.exception()).toBeUndefined();
  expect(await Promise.all([future, 1])).toEqual([5, 1]);
  expect(await Promise.race([future, new Promise(() => {})])).toBe(5);
});

it("keeps asyncio's rules of state", async () => {
  const pending = new Future<number>();
  expect(() => pending.result()).toThrow(InvalidStateError);
  expect(() => pending.exception()).toThrow(InvalidStateError);
  pending.setResult(1);
  expect(() => pending.setResult(2)).toThrow(InvalidStateError);
  expect(() => pending.setException(new Error())).toThrow(InvalidStateError);
  expect(pending.cancel()).toBe(false);
  const failed = new Future();
  failed.setException(new RangeError("x"));
  await expect(failed).rejects.toThrow(RangeError);
  expect(failed.exception()).toBeInstanceOf(RangeError);
  expect(() => failed.result()).toThrow(RangeError);
});

it("rejects with CancelledError when cancelled, with the message as its cause", async () => {
  const future = new Future();
  expect(future.cancel("enough")).toBe(true);
  expect(future.cancelled()).toBe(true);
  expect(future.cancel()).toBe(false);
  expect(() => future.result()).toThrow(CancelledError);
  await expect(future).rejects.toMatchObject({ name: "CancelledError", cause: "enough" });
});

it("gather keeps the order, rejects with the first failure, or gives errors as results", async () => {
  expect(await gather([sleep(3, { result: "a" }), Promise.resolve("b"), "c", sleep(0, { result: 4 })])).toEqual(["a", "b", "c", 4]);
  expect(await gather([])).toEqual([]);
  await expect(gather([sleep(50), Promise.reject(new Error("first"))])).rejects.toThrow("first");
  const [value, error] = await gather([sleep(1, { result: 1 }), Promise.reject(new Error("kept"))], { returnExceptions: true });
  expect(value).toBe(1);
  expect(error).toBeInstanceOf(Error);
});

it("a cancelled gather cancels its members", async () => {
  const children = [sleep(10_000), sleep(10_000)];
  const all = gather(children);
  expect(all.cancel()).toBe(true);
  await expect(all).rejects.toBeInstanceOf(CancelledError);
  expect(children.map((child) => child.cancelled())).toEqual([true, true]);
});

it("sleep gives its result, and refuses a value that is no delay", async () => {
  expect(await sleep(1, { result: "rested" })).toBe("rested");
  await expect(sleep(NaN)).rejects.toMatchObject({ code: "ERR_OFFLOOP_INVALID_OPTION", option: "delayMs" });
});

it("a sleep is cancelled by its signal, whose reason is the cause", async () => {
  const controller = new AbortController();
  const sleeping = sleep(60_000, { signal: controller.signal, result: "rested" });
  controller.abort("no time");
  await expect(sleeping).rejects.toMatchObject({ code: "ERR_OFFLOOP_CANCELLED", cause: "no time" });
  await expect(sleep(60_000, { signal: controller.signal })).rejects.toMatchObject({ cause: "no time" });
  await expect(sleep(0, { signal: controller.signal })).rejects.toMatchObject({ cause: "no time" });
});

it("sleeps that share a signal leave no listener on it and cause no warning", async () => {
  const { signal } = new AbortController();
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  await gather(Array.from({ length: 50 }, () => sleep(1, { signal })));
  await new Promise(setImmediate);
  process.off("warning", warn);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("to cancel the future of then, catch or finally cancels the future before it", async () => {
  const source = new Future<number>();
  const derived = source.then((value) => value + 1);
  expect(derived).toBeInstanceOf(Future);
  expect(derived.cancel("away")).toBe(true);
  expect(source.cancelled()).toBe(true);
  await expect(derived).rejects.toMatchObject({ name: "CancelledError", cause: "away" });
  const failed = new Future<number>();
  failed.setException(new RangeError("x"));
  const steps: string[] = [];
  expect(await failed.finally(() => void steps.push("finally")).catch(() => "caught")).toBe("caught");
  expect(steps).toEqual(["finally"]);
});

it("calls done callbacks on the loop, in order, and forgets those that are removed", async () => {
  const future = new Future<number>();
  const seen: string[] = [];
  const first = (): void => void seen.push("first");
  future.addDoneCallback(first);
  future.addDoneCallback(first);
  future.addDoneCallback((done) => seen.push(`second ${done.result()}`));
  expect(future.removeDoneCallback(first)).toBe(2);
  future.setResult(1);
  future.addDoneCallback(() => seen.push("late"));
  expect(seen).toEqual([]);
  await sleep(0);
  await sleep(0);
  expect(seen).toEqual(["second 1", "late"]);
  expect(() => future.addDoneCallback(5 as never)).toThrow(TypeError);
});

it("its constructor and promise-making statics throw an error that names the replacement", () => {
  const statics = Future as unknown as typeof Promise; // the types do not have them
  expect(() => new Future((() => {}) as never)).toThrow(/setResult/);
  expect(() => statics.resolve(1)).toThrow(/Promise\.resolve/);
  expect(() => statics.all([])).toThrow(/Promise\.all/);
});

it("settles as a native promise too, so await without its then does not hang", async () => {
  const future = new Future<number>();
  const followed = Promise.prototype.then.call(future, (value: unknown) => value);
  future.setResult(3);
  expect(await followed).toBe(3);
  expect(await Promise.any([future, new Promise(() => {})])).toBe(3);
});

it("reports an error that no code retrieved to the loop's handler when the loop closes", async () => {
  const told: unknown[] = [];
  const loop = newEventLoop();
  loop.setExceptionHandler(({ message, error }) => void told.push([message, error]));
  const forgotten = loop.createFuture();
  const seen = loop.createFuture();
  const error = new Error("forgotten");
  await loop.runUntilComplete(async () => {
    forgotten.setException(error);
    seen.setException(new Error("seen"));
    await seen.catch(() => {});
  });
  loop.close();
  expect(told).toEqual([[expect.stringContaining("never retrieved"), error]]);
});

it("a future resolved with itself rejects with TypeError, as a promise does", async () => {
  const value = new Future<number>();
  const viaThen: Future<unknown> = value.then(() => viaThen);
  const viaCatch: Future<unknown> = value.then(() => Promise.reject(new Error("x"))).catch(() => viaCatch);
  value.setResult(1);
  const itself = new Future<unknown>();
  itself.setResult(itself);
  const task: Future<unknown> = createTask(() => task);
  const awaitsItself: Future<unknown> = createTask(async () => await awaitsItself);
  for (const future of [viaThen, viaCatch, itself]) {
    await expect(Promise.all([future, 1])).rejects.toBeInstanceOf(TypeError);
    await expect(createTask(async () => await future)).rejects.toBeInstanceOf(TypeError);
    expect(future.rejected()).toBe(true);
  }
  for (const future of [task, awaitsItself]) await expect(future).rejects.toThrow(/cannot await itself/);
});
