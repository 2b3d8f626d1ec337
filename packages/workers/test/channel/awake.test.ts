import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Awake } from "#workers/channel/awake.js";

/** Counts the looks at the clock: one when it begins to expect something, one a turn. */
function clocked(ms: number): { awake: Awake; clock: { now: number; looks: number } } {
  const clock = { now: 0, looks: 0 };
  const awake = new Awake(ms, () => {
    clock.looks += 1;
    return clock.now;
  });
  return { awake, clock };
}

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

it("keeps the loop turning until its time is over", async () => {
  const { awake, clock } = clocked(10);
  awake.expect();
  await turns(5);
  expect(clock.looks).toBeGreaterThanOrEqual(5);
  clock.now = 10;
  await turns(2);
  const { looks } = clock;
  await turns(5);
  expect(clock.looks).toBe(looks);
});

it("stops when what was expected has come, and is ready for the next", async () => {
  const { awake, clock } = clocked(10);
  for (let round = 0; round < 3; round += 1) {
    awake.expect();
    await turns(2);
    awake.arrived();
    await turns(2);
    const { looks } = clock;
    await turns(5);
    expect(clock.looks).toBe(looks);
  }
});

it("leaves out more and more where nothing comes in time", async () => {
  const { awake, clock } = clocked(10);
  let tried = 0;
  for (let round = 0; round < 100; round += 1) {
    const before = clock.looks;
    awake.expect();
    if (clock.looks > before) tried += 1;
    clock.now += 20;
    await turns(2);
  }
  expect(tried).toBeGreaterThan(1);
  expect(tried).toBeLessThan(10);
});
