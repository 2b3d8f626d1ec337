// How often a place is reported, and its counts, on a clock that the test controls.
import { expect, it } from "vitest";
import type { Place } from "#watchdog/protocol/stall.js";
import { PlaceBook } from "#watchdog/place/place-book.js";

const minuteMs = 60_000;

const place = (line: number): Place => ({ file: "/app/report.js", line, column: 1, function: "reportMonth" });
const script = (line: number) => ({ kind: "script", place: place(line), call: undefined }) as const;

/** A book in which each stall begins, is reported while it lasts, and ends. */
function open(repeatAfterMs: number) {
  const clock = { now: 0 };
  const book = new PlaceBook(repeatAfterMs, () => clock.now);
  const stall = (what: Parameters<PlaceBook["enter"]>[0], durationMs = 100) => {
    const begin = book.enter(what, durationMs / 2, false, false);
    clock.now += durationMs / 2;
    return { begin, end: book.enter(what, durationMs, true, begin.due) };
  };
  return { clock, book, stall };
}

it("writes a place once, and counts each of its stalls", () => {
  const { book, stall } = open(minuteMs);
  const stalls = Array.from({ length: 5 }, () => stall(script(3)));
  expect(stalls.map(({ begin, end }) => [begin.due, end.due])).toEqual([[true, true], ...Array.from({ length: 4 }, () => [false, false])]);
  expect(stalls.map(({ begin, end }) => [begin.count, begin.totalMs, end.count, end.totalMs])).toEqual([
    [1, 50, 1, 100], [2, 150, 2, 200], [3, 250, 3, 300], [4, 350, 4, 400], [5, 450, 5, 500],
  ]);
  expect(book.worst()).toEqual([{ kind: "script", place: place(3), count: 5, totalMs: 500, longestMs: 100 }]);
});

it("writes it again `repeatAfterMs` after its last report, not after its last stall", () => {
  const { clock, book } = open(minuteMs);
  const dueAt = (at: number) => ((clock.now = at), book.enter(script(3), 110, true, false).due);
  expect([0, 20_000, 40_000, minuteMs - 0.1, minuteMs].map(dueAt)).toEqual([true, false, false, false, true]);
  expect([minuteMs + 0.1, 2 * minuteMs - 0.1, 2 * minuteMs].map(dueAt)).toEqual([false, false, true]);
});

it.each([
  ["each time at 0", 0, [true, true, true]],
  ["once and never again at Infinity", Infinity, [true, false, false]],
])("writes a place %s", (_, repeatAfterMs, due) => {
  const { clock, stall } = open(repeatAfterMs);
  expect(due.map(() => ((clock.now += 1e12), stall(script(3)).begin.due))).toEqual(due);
});

it("limits each place separately: another line, another function, another call without a place", () => {
  const { stall } = open(minuteMs);
  const call = (name: string) => ({ kind: "native", place: undefined, call: name }) as const;
  const anonymous = { ...script(3), place: { ...place(3), function: "" } };
  for (const what of [script(3), script(4), anonymous, call('fs.readFileSync("/a")'), call('fs.readFileSync("/b")')]) {
    expect(stall(what).begin).toMatchObject({ due: true, count: 1 });
    expect(stall(what).begin).toMatchObject({ due: false, count: 2 });
  }
});

it("treats a place with another column or kind as the same, and shows the newest", () => {
  const { book, stall } = open(minuteMs);
  stall(script(3), 200);
  expect(stall({ kind: "collection", place: { ...place(3), column: 9 }, call: undefined }).begin).toMatchObject({ due: false, count: 2 });
  expect(book.worst()).toEqual([{ kind: "collection", place: place(3), count: 2, totalMs: 300, longestMs: 200 }]);
});

it("writes the end of a stall whose begin was written, although later samples have moved its place", () => {
  const { book } = open(minuteMs);
  expect(book.enter(script(3), 110, false, false).due).toBe(true);
  expect(book.enter(script(4), 300, true, true)).toEqual({ count: 1, totalMs: 300, due: true });
  // That stands for a report of the place where it ended.
  expect(book.enter(script(4), 110, false, false).due).toBe(false);
  expect(book.worst().map(({ place: of, count }) => [of?.line, count])).toEqual([[4, 1]]);
});

it("reads the counts including the running stall, and does not change them", () => {
  const { book, stall } = open(minuteMs);
  expect(book.read(script(3), 70)).toEqual({ count: 1, totalMs: 70, due: false });
  expect(book.worst()).toEqual([]);
  stall(script(3), 0.1);
  expect(book.read(script(3), 0.2)).toEqual({ count: 2, totalMs: 0.3, due: false });
  expect(stall(script(3)).begin.due).toBe(false);
});

it("gives the places in the order of their total time, longest first", () => {
  const { book, stall } = open(minuteMs);
  stall(script(1), 300);
  for (let round = 0; round < 4; round++) stall(script(2), 100);
  stall(script(3), 350);
  expect(book.worst().map(({ place: of, totalMs }) => [of?.line, totalMs])).toEqual([[2, 400], [3, 350], [1, 300]]);
});

it("gives a thousand places an entry each, and counts the others together without a place", () => {
  const { book, stall } = open(minuteMs);
  for (let line = 1; line <= 1_003; line++) stall(script(line));
  expect(stall(script(1)).end).toMatchObject({ count: 2 });
  expect(stall(script(1_004)).end).toMatchObject({ count: 4, totalMs: 400, due: false });
  const worst = book.worst();
  expect(worst).toHaveLength(1_001);
  expect(worst.filter(({ place: of }) => of === undefined)).toEqual([{ kind: "script", place: undefined, count: 4, totalMs: 400, longestMs: 100 }]);
});
