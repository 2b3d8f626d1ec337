// What is told of garbage collections.
import * as perfHooks from "node:perf_hooks";
import { afterEach, expect, it, vi } from "vitest";
import { watchCollections } from "#watchdog/watched/collections.js";

afterEach(() => void vi.restoreAllMocks());

/** The collections that are told if Node tells of these at once, each `[start, duration]`, on the clock of `performance`. */
function toldOf(...entries: [number, number][]): [endedAt: number, durationMs: number][] {
  let list: ((list: { getEntries(): object[] }) => void) | undefined;
  class PerformanceObserver {
    constructor(callback: typeof list) {
      list = callback;
    }
    observe() {}
    disconnect() {}
  }
  vi.spyOn(process, "getBuiltinModule").mockReturnValue({ ...perfHooks, PerformanceObserver } as never);
  const told: [number, number][] = [];
  const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  watchCollections(({ endedAt, durationMs }) => told.push([Math.round(endedAt - offsetMs), durationMs]));
  list!({ getEntries: () => entries.map(([startTime, duration]) => ({ startTime, duration })) });
  return told;
}

it("tells of each long collection", () => {
  expect(toldOf([1_000, 25], [2_000, 5], [3_000, 30])).toEqual([[1_025, 25], [3_030, 30]]);
});

it("tells of many short collections as of one that ends with the last", () => {
  expect(toldOf([1_000, 6], [1_020, 7], [1_040, 9])).toEqual([[1_049, 22]]);
});

it("tells of long and of short ones", () => {
  expect(toldOf([1_000, 12], [1_020, 40], [1_070, 12])).toEqual([[1_060, 40], [1_082, 24]]);
});

it("does not tell of few short ones", () => {
  expect(toldOf([1_000, 6], [1_020, 7])).toEqual([]);
});
