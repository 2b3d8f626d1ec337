import { CallQueue } from "#workers/dispatch/call-queue.js";
import { expect, it } from "vitest";

interface Item {
  readonly id: number;
  readonly priority: number;
  waiting: boolean;
}
const item = (id: number, priority = 0): Item => ({ id, priority, waiting: true });

function takeAll(queue: CallQueue<Item>): number[] {
  return [...queue.drain()].map(({ id }) => id);
}

it("gives calls of equal priority in the order of submission", () => {
  const queue = new CallQueue<Item>();
  for (let id = 0; id < 5_000; id += 1) queue.push(item(id));
  expect(takeAll(queue)).toEqual(Array.from({ length: 5_000 }, (_, id) => id));
});

it("gives the highest priority first", () => {
  const queue = new CallQueue<Item>();
  [item(1, 0), item(2, 5), item(3, -1), item(4, 5), item(5, 0.5)].forEach((each) => queue.push(each));
  expect(takeAll(queue)).toEqual([2, 4, 5, 1, 3]);
});

it("puts a call that was taken back before those of equal priority", () => {
  const queue = new CallQueue<Item>();
  [item(1), item(2), item(3)].forEach((each) => queue.push(each));
  const first = queue.take()!;
  const second = queue.take()!;
  queue.unshift(second);
  queue.unshift(first);
  queue.unshift(item(0));
  expect(takeAll(queue)).toEqual([0, 1, 2, 3]);
});

it("gives a call that enters late its place by its submission", () => {
  const queue = new CallQueue<Item>();
  [item(1), item(3), item(5), item(2), item(4)].forEach((each) => queue.push(each));
  expect(takeAll(queue)).toEqual([1, 2, 3, 4, 5]);
});

it("skips calls that no longer wait", () => {
  const queue = new CallQueue<Item>();
  const items = Array.from({ length: 10 }, (_, id) => item(id, id % 2));
  items.forEach((each) => queue.push(each));
  for (const each of items) each.waiting = each.id % 3 === 0;
  expect(queue.peek()?.id).toBe(3);
  expect(takeAll(queue).sort()).toEqual([0, 3, 6, 9]);
  expect(queue.peek()).toBeUndefined();
});

it("lets no priority starve under a steady stream of urgent calls", () => {
  const queue = new CallQueue<Item>();
  queue.push(item(-1, 0));
  let turns = 0;
  for (;;) {
    queue.push(item(turns, 10));
    turns += 1;
    if (queue.take()!.id === -1) break;
    expect(turns).toBeLessThan(100);
  }
  expect(turns).toBeGreaterThan(1);
});

it("drops calls that no longer wait, before they reach the front", () => {
  const queue = new CallQueue<Item>();
  queue.push(item(0));
  let reads = 0;
  for (let id = 1; id <= 1_000; id += 1) {
    const each = { id, priority: 0, get waiting() { return (reads += 1, false); } };
    queue.push(each);
    queue.left(each);
  }
  const readsBefore = reads;
  expect(takeAll(queue)).toEqual([0]);
  expect(reads - readsBefore).toBeLessThanOrEqual(64);
});
