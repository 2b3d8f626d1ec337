// CPython's EventTests.
import { createTask, getEventLoop } from "@offloop/core";
import { Event } from "#core/sync/event.js";
import { expect, it } from "vitest";
import { expectCancelled, inTask, pass, state } from "./support.js";

it("shows its state", inTask(async () => {
  const event = new Event();
  expect(String(event)).toBe("Event [unset]");
  const waiting = createTask(() => event.wait());
  await pass();
  expect(state(event)).toBe("unset, waiters: 1");
  event.set();
  await waiting;
  expect(state(event)).toBe("set");
}));

it("wakes all tasks in their order, after tasks that did not have to wait", inTask(async () => {
  const event = new Event();
  expect(event.isSet()).toBe(false);
  const result: number[] = [];
  const waitFor = (number: number) => createTask(async () => {
    if (await event.wait()) result.push(number);
  });
  const tasks = [waitFor(1), waitFor(2)];
  await pass();
  expect(result).toEqual([]);
  tasks.push(waitFor(3));
  event.set();
  await pass();
  expect(result).toEqual([3, 1, 2]);
  for (const task of tasks) expect(task.result()).toBeUndefined();
}));

it("resolves at once if it is set", inTask(async () => {
  const event = new Event();
  event.set();
  expect(await event.wait()).toBe(true);
}));

it("removes a cancelled waiter", inTask(async () => {
  const event = new Event();
  const wait = createTask(() => event.wait());
  getEventLoop().callSoon(() => wait.cancel());
  await expectCancelled(wait);
  expect(state(event)).toBe("unset");
}));

it("clear() unsets it", () => {
  const event = new Event();
  expect(event.isSet()).toBe(false);
  event.set();
  expect(event.isSet()).toBe(true);
  event.clear();
  expect(event.isSet()).toBe(false);
});

it("clear() does not stop tasks that are being woken, and wakes none twice", inTask(async () => {
  const event = new Event();
  const result: number[] = [];
  const task = createTask(async () => {
    if (await event.wait()) result.push(1);
    return true;
  });
  await pass();
  expect(result).toEqual([]);
  event.set();
  event.clear();
  expect(event.isSet()).toBe(false);
  event.set();
  event.set();
  expect(state(event)).toBe("set, waiters: 1");
  await pass();
  expect(result).toEqual([1]);
  expect(state(event)).toBe("set");
  expect(task.result()).toBe(true);
}));
