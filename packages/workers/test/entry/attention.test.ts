import { Attention } from "#workers/entry/attention.js";
import { expect, it } from "vitest";

/** A clock that goes on by 10 µs with each look, and a worker whose messages come as told. */
function worker(arrivesAfterLooks: () => number) {
  let now = 0;
  let looks = 0;
  const attention = new Attention(() => (now += 0.01));
  return {
    /** Wakes it by a message. @returns the messages found without the event loop, and how long that took */
    wake(): { found: number; ms: number } {
      attention.woken();
      const started = now;
      let found = 0;
      let left = arrivesAfterLooks();
      while (attention.look(() => ((looks += 1), left-- === 0))) {
        found += 1;
        left = arrivesAfterLooks();
      }
      return { found, ms: now - started };
    },
    get looks() {
      return looks;
    },
  };
}

it("takes messages that come soon, and gives the event loop its turn within 50 µs all the same", () => {
  const { wake } = worker(() => 1);
  for (let turn = 0; turn < 100; turn += 1) {
    const { found, ms } = wake();
    expect(found).toBeGreaterThan(1);
    expect(ms).toBeLessThanOrEqual(0.06);
  }
});

it("looks ever more seldom where nothing comes", () => {
  const silent = worker(() => Infinity);
  let looking = 0;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const before = silent.looks;
    silent.wake();
    if (silent.looks > before) looking += 1;
  }
  expect(looking).toBeGreaterThan(5);
  expect(looking).toBeLessThan(30);
});

it("looks again at once when a look has found something", () => {
  let after = Infinity;
  const { wake } = worker(() => after);
  for (let turn = 0; turn < 200; turn += 1) wake();
  after = 0;
  let turns = 0;
  while (wake().found === 0) turns += 1;
  expect(turns).toBeLessThanOrEqual(64);
  expect(wake().found).toBeGreaterThan(0);
});
