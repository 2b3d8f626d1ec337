// The times by which the watchdog decides fit each other at every threshold.
import { expect, it } from "vitest";
import { askAfterMs, lateAnswerMs, LEAST_THRESHOLD_MS, nativeAfterMs, reportAfterMs, reportAtLatestMs, restSlackMs, stalledPollMs, tickMs } from "#watchdog/protocol/timing.js";

const thresholds = [LEAST_THRESHOLD_MS, 21, 27, 40, 50, 80, 99.5, 100, 150, 200, 333, 500, 1_000, 5_000, 60_000];

it("follows the drawing at a threshold of 100 ms", () => {
  const tick = tickMs(100);
  expect({
    tick,
    ask: askAfterMs(100),
    native: askAfterMs(100) + nativeAfterMs(100),
    report: tick / 2 + reportAfterMs(100, tick),
    latest: tick / 2 + reportAtLatestMs(100),
    restSlack: restSlackMs(100, tick),
  }).toEqual({ tick: 25, ask: 80, native: 110, report: 125, latest: 137.5, restSlack: 36 });
});

it.each(thresholds)("recognises native code before a report is due, at %d ms", (thresholdMs) => {
  const tick = tickMs(thresholdMs);
  expect(askAfterMs(thresholdMs) + nativeAfterMs(thresholdMs)).toBeLessThanOrEqual(tick / 2 + reportAfterMs(thresholdMs, tick) + stalledPollMs(tick));
});

it.each(thresholds)("reports within one and a half thresholds, also out of a rest, at %d ms", (thresholdMs) => {
  const tick = tickMs(thresholdMs);
  for (const slackMs of [tick, restSlackMs(thresholdMs, tick)]) {
    const begin = slackMs / 2;
    expect(begin + reportAfterMs(thresholdMs, slackMs)).toBeLessThanOrEqual(1.5 * thresholdMs);
    expect(begin + reportAtLatestMs(thresholdMs)).toBeLessThanOrEqual(1.5 * thresholdMs);
  }
});

it.each(thresholds)("requests the stack after a missed beat, and treats an answer as late before it gives up, at %d ms", (thresholdMs) => {
  expect(askAfterMs(thresholdMs)).toBeGreaterThan(tickMs(thresholdMs));
  expect(stalledPollMs(tickMs(thresholdMs))).toBeLessThan(tickMs(thresholdMs));
  if (thresholdMs >= 40) expect(lateAnswerMs(thresholdMs)).toBeLessThanOrEqual(nativeAfterMs(thresholdMs));
});
