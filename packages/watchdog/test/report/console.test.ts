// A report shows names, paths and texts of the program as text: none of them reaches the terminal as a command, or adds
// a line to a log.
import { formatStall, formatSyncCall, optionsFromEnvironment, type Stall, type SyncCall } from "@offloop/watchdog";
import { History } from "#watchdog/place/history.js";
import { PlaceBook } from "#watchdog/place/place-book.js";
import { printableJson } from "#watchdog/report/console.js";
import { htmlReport } from "#watchdog/report/html.js";
import { expect, it } from "vitest";

const evil = 'x\u001b[2J\u001b]0;title\u0007\nofloop: a forged line\r\u009b31m\u202e\u2028';
const place = { file: `/app/${evil}.js`, line: 3, column: 1, function: evil };
const stall = { kind: "native", phase: "running", durationMs: 120, totalMs: 240, count: 2, samples: 3, place, call: evil, task: evil, context: evil, fix: evil, codeFrame: `> 3 | ${evil}`, hot: { ...place, line: 9, share: 0.5 }, stack: [{ ...place, origin: "user", async: true }] } as unknown as Stall;
const call = { name: evil, argument: evil, durationMs: 5, place, task: evil, instead: evil, codeFrame: `> 3 | ${evil}` } as unknown as SyncCall;

/** The characters that a terminal or a log takes for something else than text. */
const control = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

it.each([["a stall", () => formatStall(stall, { cwd: "/" })], ["a stall that lasts", () => formatStall(stall, { cwd: "/", running: true })], ["a call", () => formatSyncCall(call, { cwd: "/" })]])("%s prints control characters as escapes", (_name, format) => {
  const text = format();
  expect(text).not.toMatch(control);
  expect(text).toContain("\\u001b[2J");
  expect(text).toContain("\\u202e");
});

it.each([undefined, 2])("JSON has no control character, and is read back as it was (indent %s)", (indent) => {
  const text = printableJson({ stall, list: [evil, "größe \u{1f600}"] }, indent);
  expect(text).not.toMatch(control);
  expect(JSON.parse(text)).toEqual({ stall, list: [evil, "größe \u{1f600}"] });
});

it("the page has no control character, and no element of a name", () => {
  const named = `<img src=x>${evil}`;
  const history = new History();
  history.ended({ ...stall, startedAt: history.startedAt, id: 1, call: named, place: { ...place, function: named } } as Stall);
  const book = new PlaceBook(0);
  book.enter({ kind: "script", place: { ...place, function: named }, call: undefined }, 120, true, false);
  const page = htmlReport({ program: named, thresholdMs: 50, worst: book.worst(), history, running: [{ ...stall, startedAt: 0, id: 2, call: named } as Stall], processes: { count: 1, of: () => named } as never, cwd: "/" });
  expect(page).not.toMatch(control);
  expect(page).not.toContain("<img");
  expect(page).toContain("\\u001b[2J");
});

it("only the lines of the code frame can be lines of the report", () => {
  const lines = formatStall({ ...stall, codeFrame: undefined } as Stall, { cwd: "/" }).split("\n");
  expect(lines.filter((line) => line.startsWith("ofloop: a forged line"))).toEqual([]);
  expect(formatSyncCall({ ...call, codeFrame: undefined } as SyncCall, { cwd: "/" }).split("\n")).toHaveLength(3);
});

it("colours are there, and text stays as it is", () => {
  const plain = { ...stall, place: { file: "/app/größe.js", line: 1, column: 2, function: "render\u00e9" }, call: "fs.readFileSync", task: "Task-1", context: "GET /a?b=\u{1f600}", codeFrame: "> 1 | \tconst a = 1;\n  2 | }", fix: "Use await.", hot: undefined, stack: [] } as unknown as Stall;
  const text = formatStall(plain, { cwd: "/", color: true });
  for (const part of ["\u001b[31m", "renderé (app/größe.js:1:2)", "GET /a?b=\u{1f600}", "\tconst a = 1;", "  2 | }"]) expect(text).toContain(part);
});

it.each([undefined, null, 5, "stall", {}, { stack: 5 }])("refuses %j with a clear error", (value) => {
  expect(() => formatStall(value as never)).toThrow(/^stall of formatStall\(\) takes an object that the watchdog made/);
  expect(() => formatSyncCall(value as never)).toThrow(/^call of formatSyncCall\(\) takes an object that the watchdog made/);
});

it("variables may name hosts of the endpoint", () => {
  expect(optionsFromEnvironment({ OFFLOOP_SERVE: "9464", OFFLOOP_SERVE_HOSTS: "app.internal, app" }).serve).toEqual({ port: 9464, hosts: ["app.internal", "app"] });
  for (const value of [undefined, null, 5]) expect(() => optionsFromEnvironment(value as never)).toThrow(/^environment takes an object of variables/);
});
