import { expect, test } from "vitest";
import { othersShare } from "../dist/cpu-use.js";
import { MeasuringWindow } from "../dist/measuring-window.js";

test("counts requests that are sent while it is open, and waits for their later answers", async () => {
  let now = 0;
  const window = new MeasuringWindow(() => now);
  expect(window.lightSent()).toBe(false);
  window.open();
  expect(window.lightSent()).toBe(true);
  expect(window.lightSent()).toBe(true);
  window.lightAnswered(3);
  now = 2_000;
  const closed = window.close();
  expect(window.lightSent()).toBe(false);

  let settled = false;
  void closed.then(() => (settled = true));
  await Promise.resolve();
  expect(settled).toBe(false);
  window.lightAnswered(450);
  expect((await closed).lightMs).toEqual([3, 450]);
});

test("does not wait for a request that was lost", async () => {
  const window = new MeasuringWindow();
  window.open();
  window.lightSent();
  const closed = window.close();
  window.lightLost();
  expect((await closed).lightMs).toEqual([]);
});

test("divides the heavy answers by the time for which it was open", async () => {
  let now = 500;
  const window = new MeasuringWindow(() => now);
  window.heavyAnswered();
  window.open();
  for (let n = 0; n < 5; n++) window.heavyAnswered();
  now = 3_000;
  expect((await window.close()).heavyPerSecond).toBe(2);
});

test("counts failures even before it opens", async () => {
  const window = new MeasuringWindow();
  window.failed("heavy route answered 500");
  window.open();
  window.failed("heavy route answered 500");
  expect((await window.close()).failures).toEqual({ "heavy route answered 500": 2 });
});

test("`others` is the CPU time of the machine without the measured processes", () => {
  const share = (busyMs: number, ownMs: number) => othersShare({ busyMs: 100, totalMs: 1_000 }, { busyMs: 100 + busyMs, totalMs: 3_000 }, ownMs);
  expect(share(1_500, 1_000)).toBe(0.25);
  expect(share(1_000, 1_010)).toBe(0);
  expect(othersShare({ busyMs: 0, totalMs: 5 }, { busyMs: 0, totalMs: 5 }, 0)).toBe(0);
});
