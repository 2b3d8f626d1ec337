import { Attention } from "#workers/entry/attention.js";
import { expect, it } from "vitest";

/** A clock that advances by 10 µs with each read, and a worker that receives the given messages. */
function worker(arrivesAfterLooks: () => number) {
  let now = 0;
  let looks = 0;
  const attention = new Attention(() => true, () => (now += 0.01));
  return {
    attention,
    /** Wakes it by a message, and lets it look until it waits, or has found `most` messages. */
    wake(most = Infinity): { found: number; ms: number; longestStretchMs: number } {
      attention.woken();
      const started = now;
      let found = 0;
      let longestStretchMs = 0;
      let turnedAt = now;
      let left = arrivesAfterLooks();
      while (found < most) {
        const outcome = attention.look(() => ((looks += 1), left-- === 0));
        longestStretchMs = Math.max(longestStretchMs, now - turnedAt);
        if (outcome === "wait") break;
        if (outcome === "turn") turnedAt = now;
        else {
          found += 1;
          left = arrivesAfterLooks();
        }
      }
      return { found, ms: now - started, longestStretchMs };
    },
    get looks() {
      return looks;
    },
  };
}

it("takes messages that follow closely, and gives the event loop a turn every 50 µs", () => {
  const { wake } = worker(() => 1);
  const { found, longestStretchMs } = wake(1_000);
  expect(found).toBe(1_000);
  expect(longestStretchMs).toBeLessThanOrEqual(0.07);
});

it("waits in the event loop again when no message has come for 100 µs", () => {
  const { wake } = worker(() => Infinity);
  expect(wake()).toMatchObject({ found: 0 });
  const arrivals = [1, 1, Infinity];
  const few = worker(() => arrivals.shift() ?? Infinity);
  const { found, ms } = few.wake();
  expect(found).toBe(2);
  expect(ms).toBeGreaterThan(0.1);
  expect(ms).toBeLessThan(0.25);
});

it("checks less and less often while no message comes", () => {
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

it("checks again at once after a check that found a message", () => {
  let after = Infinity;
  const { wake } = worker(() => after);
  for (let turn = 0; turn < 200; turn += 1) wake();
  after = 0;
  let turns = 0;
  while (wake(1).found === 0) turns += 1;
  expect(turns).toBeLessThanOrEqual(256);
  expect(wake(1).found).toBe(1);
});

it("stops checking when it is told that there is other work", () => {
  const { attention } = worker(() => 0);
  attention.woken();
  attention.turnAway();
  expect(attention.look(() => true)).toBe("wait");
});

it("without a free core, it only takes messages that have come", () => {
  let now = 0;
  const attention = new Attention(() => false, () => (now += 0.01));
  attention.woken();
  expect(attention.look(() => true)).toBe("arrived");
  expect(attention.look(() => false)).toBe("wait");
  expect(now).toBeLessThan(0.05);
});
