import { expect, test } from "vitest";
import { parseOptions } from "../dist/options.js";
import { percentile } from "../dist/percentile.js";
import { requireSameHtml } from "../dist/same-html.js";
import { formatFigure, formatTable } from "../dist/table.js";

test("a percentile is the value that this share of the values does not exceed", () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  expect([0, 50, 99, 100].map((p) => percentile(values, p))).toEqual([1, 100, 198, 200]);
  expect(percentile([7], 99)).toBe(7);
  expect(() => percentile([], 50)).toThrow("at least one value");
});

const pages = (html: Record<string, string>) => new Map(Object.entries(html).map(([name, text]) => [name, Buffer.from(text)]));

test("the same HTML passes", () => {
  expect(() => requireSameHtml(pages({ a: "<p>é</p>" }), pages({ a: "<p>é</p>" }))).not.toThrow();
});

test.each([
  [{ a: "<p>é</p>" }, "differs at byte 3"],
  [{ a: "<p>e</p>\n" }, "differs at byte 8"],
  [{ a: "<p>e" }, "differs at byte 4"],
  [{}, "did not render a"],
])("%j is not the same HTML: %s", (offloaded, message) => {
  expect(() => requireSameHtml(pages({ a: "<p>e</p>" }), pages(offloaded as Record<string, string>))).toThrow(message);
});

test("numbers in a table are aligned to the right", () => {
  expect(formatTable(["", "inline"], [["p99", "4 ms"], ["p50", "30 ms"]]).split("\n")).toEqual([
    "      inline",
    "────────────",
    "p99     4 ms",
    "p50    30 ms",
  ]);
});

test("a figure has two or three digits", () => {
  expect([412.4, 41.26, 4.14, 0.412].map(formatFigure)).toEqual(["412", "41.3", "4.1", "0.41"]);
});

test.each([
  [["--jsonn"], "--jsonn"],
  [["file.md"], "file.md"],
  [["--serve", "--json"], "--serve measures nothing"],
  [["--port", "80"], "--port works with --serve"],
  [["--serve", "--port", "65536"], "from 0 to 65535"],
  [["--serve", "--port", "1e3"], "from 0 to 65535"],
])("refuses %j", (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test("accepts options that can be combined", () => {
  expect(parseOptions(["--json", "--short"])).toMatchObject({ json: true, short: true, serve: false });
  expect(parseOptions(["--serve", "--port", "8080"])).toMatchObject({ serve: true, port: 8080 });
});
