// Checks docs/field.md: each row names an existing test, and the numbered tables have no gaps.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/field.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => /^\| /.test(line) && !/\| (Test|Test \| File) \|$/.test(line))
  .map((line) => line.slice(2, -2).split(" | "))
  .map(([what = "", title = "", file = "thread/piscina-traps"]) => ({ what, title, file }));

it.each(rows)("$what: $file, $title", ({ title, file }) => {
  const path = file.startsWith("packages/") ? `../../../${file}.test.ts` : file.startsWith("contract/") ? `../src/testing/suites/${file.slice("contract/".length)}.ts` : `${file}.test.ts`;
  const source = readFileSync(new URL(path, import.meta.url), "utf8");
  const named = source.split("\n").filter((line) => [`("${title}"`, `(\`${title}\``].some((quoted) => line.includes(quoted)));
  expect(named).toHaveLength(1);
  expect(named[0]).toMatch(/^\s*(it\b|\]\)\()/);
  expect(source).not.toMatch(/\b(it|describe)\.(skip|todo|only)\b/);
});

it("has every numbered row", () => {
  const numbers = (section: string): number[] => [...new Set([...page.split(`## ${section}`)[1]!.split("\n## ")[0]!.matchAll(/^\| (\d+)\./gm)].map(([, number]) => Number(number)))];
  expect(numbers("Faults of piscina")).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  expect(numbers("What no other pool has")).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
});
