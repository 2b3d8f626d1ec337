import { type Polled, Watch } from "#workers/dispatch/watch.js";
import { expect, it } from "vitest";

/** A watch over answers that are told, with a clock that goes on by 10 µs with each look. */
function watched(poll: () => Polled): { watch: Watch; looks(): number; settled(): Promise<number> } {
  let now = 0;
  let looks = 0;
  const watch = new Watch(() => ((looks += 1), poll()), () => (now += 0.01));
  return {
    watch,
    looks: () => looks,
    async settled() {
      for (let before = -1; before !== looks; await new Promise(setImmediate)) before = looks;
      return looks;
    },
  };
}

it("looks until nothing is expected", async () => {
  const left: Polled[] = ["expecting", "expecting", "found", "nothing"];
  const { watch, settled } = watched(() => left.shift() ?? "nothing");
  watch.extend();
  expect(await settled()).toBe(4);
});

it("goes back to the event loop's own waiting when the answer takes long", async () => {
  const { watch, settled } = watched(() => "expecting");
  watch.extend();
  expect(await settled()).toBeLessThanOrEqual(11);
});

it("is left out ever more often where it does not pay, and is back with the first answer that it finds", async () => {
  let answer: Polled = "expecting";
  const { watch, looks, settled } = watched(() => answer);
  let watches = 0;
  for (let envelope = 0; envelope < 500; envelope += 1) {
    const before = looks();
    watch.extend();
    if ((await settled()) > before) watches += 1;
  }
  expect(watches).toBeLessThan(20);
  answer = "found";
  let envelopes = 0;
  for (const before = looks(); looks() === before; envelopes += 1) {
    watch.extend();
    await settled();
  }
  expect(envelopes).toBeLessThanOrEqual(65);
  const before = looks();
  watch.extend();
  expect(await settled()).toBeGreaterThan(before);
});
