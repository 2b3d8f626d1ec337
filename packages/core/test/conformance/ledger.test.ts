// Checks the table of docs/conformance.md against the tests that restate CPython's.
// OFFLOOP_UPDATE=1 writes the table.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readInventory, readLedger, readRestated, renderLedger } from "./ledger.js";
import { notPortable } from "./not-portable.js";

const page = join(import.meta.dirname, "../../../../docs/conformance.md");
const [begin, end] = ["<!-- ledger -->", "<!-- /ledger -->"];

it("docs/conformance.md counts the tests as they are", () => {
  const text = readFileSync(page, "utf8");
  const [before, rest] = text.split(`${begin}\n`) as [string, string];
  const after = rest.split(end)[1];
  const expected = `${before}${begin}\n${renderLedger(readLedger())}\n${end}${after}`;
  if (process.env["OFFLOOP_UPDATE"] === "1") writeFileSync(page, expected);
  else expect(text, "OFFLOOP_UPDATE=1 writes the page anew").toBe(expected);
});

it("names only tests that CPython has", () => {
  const known = new Set(Object.entries(readInventory()).flatMap(([module, suites]) => Object.entries(suites).flatMap(([suite, names]) => names.map((name) => `${module} ${suite} ${name}`))));
  expect(readRestated().filter((each) => !known.has(each))).toEqual([]);
});

it("lists as not portable only tests that CPython has and no test here ports", () => {
  const inventory = readInventory();
  const restated = new Set(readRestated());
  const wrong = Object.entries(notPortable).flatMap(([module, suites]) =>
    Object.entries(suites).flatMap(([suite, reasons]) =>
      Object.keys(reasons).filter((name) => (name === "*" ? inventory[module]?.[suite] === undefined : inventory[module]?.[suite]?.includes(name) !== true || restated.has(`${module} ${suite} ${name}`))).map((name) => `${module} ${suite} ${name}`),
    ),
  );
  expect(wrong).toEqual([]);
});
