// A function at whose beginning a sample was taken has taken no time yet.
import { expect, it } from "vitest";
import { withoutEntered } from "#watchdog/place/entered.js";
import type { RawFrame } from "#watchdog/protocol/messages.js";

const caller: RawFrame = { file: "/app/server.js", line: 90, column: 5, function: "render", async: false };

/** The frame of a function declared by `text` at line 7, column 3, sampled where `text` has `^`. */
function frameIn(text: string, name: string): RawFrame {
  return { file: "/app/server.js", line: 7, column: 3 + text.indexOf("^"), function: name, async: false, start: [7, 3] };
}

it.each([
  ["a declaration", "function count^(rows) {", "count"],
  ["an expression without a name", "function ^(rows) {", "count"],
  ["an arrow function", "^(rows) => {", "count"],
  ["a method", "count^(rows) {", "Table.count"],
  ["an asynchronous function", "async function count^(rows) {", "count"],
  ["a generator", "function* count^(rows) {", "count"],
  ["a getter", "get rows^() {", "Table.rows"],
  ["a static method", "static count^(rows) {", "Table.count"],
])("leaves out %s", (_, text, name) => {
  expect(withoutEntered([frameIn(text, name), caller])).toEqual([caller]);
});

it.each([
  ["a later position on the line", "function count(rows) { return ^rows.length; }", "count"],
  ["the body of an arrow function", "(rows) => ^rows.length", "count"],
])("keeps a function at %s", (_, text, name) => {
  const frames = [frameIn(text, name), caller];
  expect(withoutEntered(frames)).toBe(frames);
});

it("keeps a function on another line than that of its beginning, and one whose beginning is not known", () => {
  const entered = frameIn("function count^(rows) {", "count");
  for (const top of [{ ...entered, line: 8 }, { ...entered, start: undefined } as unknown as RawFrame, { ...entered, mapped: true } as RawFrame]) {
    const frames = [top, caller];
    expect(withoutEntered(frames)).toBe(frames);
  }
});

it("keeps a function that only Node called, or that nobody but an await leads to", () => {
  const entered = frameIn("function count^(rows) {", "count");
  for (const other of [{ ...caller, file: "node:internal/timers" }, { ...caller, async: true }]) {
    const frames = [entered, other];
    expect(withoutEntered(frames)).toBe(frames);
  }
  expect(withoutEntered([])).toEqual([]);
});
