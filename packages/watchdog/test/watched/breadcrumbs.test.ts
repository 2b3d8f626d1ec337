import fs from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { blockingCalls } from "#watchdog/protocol/blocking-calls.js";
import { mark, marks, MOST_KINDS, time } from "#watchdog/protocol/marks.js";
import type { ReturnedCall } from "#watchdog/protocol/messages.js";
import { monotonicMs } from "#watchdog/protocol/monotonic.js";
import { markCalls } from "#watchdog/watched/breadcrumbs.js";

const id = blockingCalls().findIndex(({ name }) => name === "fs.existsSync") + 1;
const { existsSync } = fs;
const told: ReturnedCall[] = [];
/** What the watching thread does while the call runs. */
let meanwhile: () => void;
let unmark: () => void;

beforeEach(() => {
  // The blocking function: it runs for as many milliseconds as its argument says.
  fs.existsSync = ((ms: unknown) => {
    for (const until = monotonicMs() + Number(ms); monotonicMs() < until;);
    meanwhile();
    return true;
  }) as typeof existsSync;
  meanwhile = () => undefined;
  told.length = 0;
  unmark = markCalls("light", { every: false, returned: (call) => told.push(call) });
  marks.words[mark.stalls]!++;
});

afterEach(() => {
  marks.words[mark.stalls]!--;
  unmark();
  fs.existsSync = existsSync;
});

const sums = () => ({ calls: marks.times[time.callsOf(id)]!, ms: marks.times[time.msOf(id)]! });

it("tells of a call of some milliseconds, with its duration and the stack of its caller", function caller() {
  fs.existsSync("20");
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ call: id, argument: "20" });
  expect(told[0]!.durationMs).toBeGreaterThanOrEqual(20);
  expect(told[0]!.frames.some(({ function: name }) => name === "caller")).toBe(true);
});

it("sums short calls, and times one of many", () => {
  const before = sums();
  for (let call = 0; call < 10_000; call++) fs.existsSync("0");
  const { calls, ms } = sums();
  // The machine may stop a call for some milliseconds. Such a call is told.
  expect(calls - before.calls + told.length).toBe(10_000);
  expect(told.length).toBeLessThan(100);
  expect(ms).toBeGreaterThan(before.ms);
});

it("tells of a call that was not timed, if the watching thread saw it last", () => {
  // A timed call that is short: the next ones are not timed. This one may have been stopped by the machine.
  const { calls } = sums();
  while (sums().calls === calls) fs.existsSync("0");
  told.length = 0;
  const startedAt = monotonicMs();
  meanwhile = () => {
    marks.times[time.seenSince] = startedAt;
    marks.words[mark.seen] = marks.words[mark.calls]!;
  };
  fs.existsSync("15");
  expect(told).toHaveLength(1);
  expect(told[0]!.durationMs).toBeGreaterThanOrEqual(15);
});

it("sums nothing while no stall is open", () => {
  marks.words[mark.stalls]!--;
  const before = sums();
  fs.existsSync("5");
  marks.words[mark.stalls]!++;
  expect(sums()).toEqual(before);
  expect(told).toEqual([]);
});

it("has room for the sums of every function", () => {
  expect(blockingCalls().length).toBeLessThanOrEqual(MOST_KINDS);
});
