import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { LoopSpin, type Polled } from "#workers/protocol/loop-spin.js";

/** Counts the reads of the clock: one when it begins to expect an answer, and one in each turn. */
function clocked(ms: number): { spin: LoopSpin; clock: { now: number; looks: number } } {
  const clock = { now: 0, looks: 0 };
  const spin = new LoopSpin({
    ms,
    now() {
      clock.looks += 1;
      return clock.now;
    },
  });
  return { spin, clock };
}

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

it("keeps the loop turning until its time is over", async () => {
  const { spin, clock } = clocked(10);
  spin.expect();
  await turns(5);
  expect(clock.looks).toBeGreaterThanOrEqual(5);
  clock.now = 10;
  await turns(2);
  const { looks } = clock;
  await turns(5);
  expect(clock.looks).toBe(looks);
});

it("stops when the answer has come, and is ready for the next one", async () => {
  const { spin, clock } = clocked(10);
  for (let round = 0; round < 3; round += 1) {
    spin.expect();
    await turns(2);
    spin.arrived();
    await turns(2);
    const { looks } = clock;
    await turns(5);
    expect(clock.looks).toBe(looks);
  }
});

it("skips more and more often while no answer comes in time", async () => {
  const { spin, clock } = clocked(10);
  let tried = 0;
  for (let round = 0; round < 100; round += 1) {
    const before = clock.looks;
    spin.expect();
    if (clock.looks > before) tried += 1;
    clock.now += 20;
    await turns(2);
  }
  expect(tried).toBeGreaterThan(1);
  expect(tried).toBeLessThan(10);
});

/** A spin that polls for answers, with a clock that advances by 10 µs with each read. */
function polling(poll: () => Polled): { spin: LoopSpin; looks(): number; settled(): Promise<number> } {
  let now = 0;
  let looks = 0;
  const spin = new LoopSpin({ poll: () => ((looks += 1), poll()), now: () => (now += 0.01) });
  return {
    spin,
    looks: () => looks,
    async settled() {
      for (let before = -1; before !== looks; await new Promise(setImmediate)) before = looks;
      return looks;
    },
  };
}

it("polls until no answer is expected", async () => {
  const left: Polled[] = ["expecting", "expecting", "found", "nothing"];
  const { spin, settled } = polling(() => left.shift() ?? "nothing");
  spin.expect();
  expect(await settled()).toBe(4);
});

it("lets the event loop sleep when the answer takes long", async () => {
  const { spin, settled } = polling(() => "expecting");
  spin.expect();
  expect(await settled()).toBeLessThanOrEqual(11);
});

it("is skipped more and more often while it finds nothing, and resumes with the first answer that it finds", async () => {
  let answer: Polled = "expecting";
  const { spin, looks, settled } = polling(() => answer);
  let spins = 0;
  for (let envelope = 0; envelope < 500; envelope += 1) {
    const before = looks();
    spin.expect();
    if ((await settled()) > before) spins += 1;
  }
  expect(spins).toBeLessThan(20);
  answer = "found";
  let envelopes = 0;
  for (const before = looks(); looks() === before; envelopes += 1) {
    spin.expect();
    await settled();
  }
  expect(envelopes).toBeLessThanOrEqual(65);
  const before = looks();
  spin.expect();
  expect(await settled()).toBeGreaterThan(before);
});
