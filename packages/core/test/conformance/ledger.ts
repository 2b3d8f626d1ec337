// Counts which of CPython's tests are ported ("restated"), which are not portable, and which are open. It reads the
// calls of `restates` in this folder, not-portable.ts and cpython-tests.json.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { notPortable } from "./not-portable.js";

const folder = import.meta.dirname;

/** Module ─▶ class ─▶ names of tests, without `test_`. */
export type Inventory = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Row {
  readonly module: string;
  readonly suite: string;
  readonly restated: readonly string[];
  readonly notPortable: Readonly<Record<string, string>>;
  readonly open: readonly string[];
}

/** All tests of CPython. */
export function readInventory(): Inventory {
  const listed = JSON.parse(readFileSync(join(folder, "cpython-tests.json"), "utf8")) as Inventory;
  const bare = (names: readonly string[]): string[] => names.map((name) => name.slice("test_".length));
  return Object.fromEntries(Object.entries(listed).map(([module, suites]) => [module, Object.fromEntries(Object.entries(suites).map(([suite, names]) => [suite, bare(names)]))]));
}

/** The tests of CPython that the tests of this folder name, as "module suite name". */
export function readRestated(): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".test.ts")).flatMap((name) => restatedIn(readFileSync(join(folder, name), "utf8")));
}

function restatedIn(source: string): string[] {
  const found: string[] = [];
  const add = (module: string, suite: string, names: string): void => void found.push(...names.split(" ").map((name) => `${module} ${suite} ${name}`));
  for (const [, module, suite, names] of source.matchAll(/restates\("([^"]+)", "([^"]+)"\)\("([^"]+)"/g)) add(module!, suite!, names!);
  for (const [, name, module, suite] of source.matchAll(/^const (\w+) = restates\("([^"]+)", "([^"]+)"\);/gm)) {
    for (const [, names] of source.matchAll(new RegExp(`^${name}\\("([^"]+)", "`, "gm"))) add(module!, suite!, names!);
  }
  return found;
}

export function readLedger(): Row[] {
  const restated = new Set(readRestated());
  return Object.entries(readInventory()).flatMap(([module, suites]) =>
    Object.entries(suites).map(([suite, names]) => {
      const reasons = notPortable[module]?.[suite] ?? {};
      const reasonOf = (name: string): string | undefined => reasons[name] ?? reasons["*"];
      const done = names.filter((name) => restated.has(`${module} ${suite} ${name}`));
      const rest = names.filter((name) => !done.includes(name));
      return {
        module,
        suite,
        restated: done,
        notPortable: Object.fromEntries(rest.flatMap((name) => (reasonOf(name) === undefined ? [] : [[name, reasonOf(name)!]]))),
        open: rest.filter((name) => reasonOf(name) === undefined),
      };
    }),
  );
}

/** The part of docs/conformance.md between its two marks. */
export function renderLedger(rows: readonly Row[]): string {
  const sum = (count: (row: Row) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const counts = (restated: number, not: number, open: number): string => `${restated + not + open} | ${restated} | ${not} | ${open}`;
  const table = rows.map((row) => `| ${row.module.slice(row.module.indexOf("/") + 1)} | ${row.suite} | ${counts(row.restated.length, Object.keys(row.notPortable).length, row.open.length)} |`);
  const total = `| **all** | | ${counts(sum((row) => row.restated.length), sum((row) => Object.keys(row.notPortable).length), sum((row) => row.open.length))} |`;
  const reasons = new Map<string, string[]>();
  for (const row of rows) for (const [name, reason] of Object.entries(row.notPortable)) reasons.set(reason, [...(reasons.get(reason) ?? []), `${row.suite}.${name}`]);
  const why = [...reasons].sort((a, b) => b[1].length - a[1].length).map(([reason, names]) => `- **${names.length}** ${reason}.${names.length <= 8 ? ` (${names.join(", ")})` : ""}`);
  const open = rows.filter((row) => row.open.length > 0).map((row) => `- ${row.suite}: ${row.open.join(", ")}`);
  return ["| module | class | tests | restated | not portable | open |", "|---|---|---|---|---|---|", ...table, total, "", "### Not portable, and why", "", ...why, ...(open.length === 0 ? [] : ["", "### Open", "", ...open])].join("\n");
}
