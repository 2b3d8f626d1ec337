import { CancelledError, Future, gather, InvalidStateError, sleep } from "@offloop/core";
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
  expect(await gather([sleep(3, "a"), Promise.resolve("b"), "c", sleep(0, 4)])).toEqual(["a", "b", "c", 4]);
  expect(await gather([])).toEqual([]);
  await expect(gather([sleep(50), Promise.reject(new Error("first"))])).rejects.toThrow("first");
  const [value, error] = await gather([sleep(1, 1), Promise.reject(new Error("kept"))], { returnExceptions: true });
  expect(value).toBe(1);
  expect(error).toBeInstanceOf(Error);
});

it("a cancelled gather cancels what it gathers", async () => {
  const children = [sleep(10_000), sleep(10_000)];
  const all = gather(children);
  expect(all.cancel()).toBe(true);
  await expect(all).rejects.toBeInstanceOf(CancelledError);
  expect(children.map((child) => child.cancelled())).toEqual([true, true]);
});

it("sleep gives its result, and refuses what is no delay", async () => {
  expect(await sleep(1, "rested")).toBe("rested");
  expect(() => sleep(NaN)).toThrow(TypeError);
});
