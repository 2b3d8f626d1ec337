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

it("wakes all in their order, after those who did not have to wait", inTask(async () => {
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

it("resolves at once where it is set", inTask(async () => {
  const event = new Event();
  event.set();
  expect(await event.wait()).toBe(true);
}));

it("forgets a waiter that is cancelled", inTask(async () => {
  const event = new Event();
  const wait = createTask(() => event.wait());
  getEventLoop().callSoon(() => wait.cancel());
  await expectCancelled(wait);
  expect(state(event)).toBe("unset");
}));

it("is unset by clear()", () => {
  const event = new Event();
  expect(event.isSet()).toBe(false);
  event.set();
  expect(event.isSet()).toBe(true);
  event.clear();
  expect(event.isSet()).toBe(false);
});

it("takes no waking back when it is cleared, and wakes nobody twice", inTask(async () => {
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
