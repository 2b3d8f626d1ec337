// Writes what the judge found to the docs: how many stalls are told right, and each that is not, with the reason.
import { readFileSync, writeFileSync } from "node:fs";

const begin = "<!-- diagnosis -->";
const end = "<!-- /diagnosis -->";

/** What is wrong with a row: pairs of a part of the report and its fault. */
export function faultsOf({ faults }) {
  return Object.entries(faults).filter(([, fault]) => fault !== undefined);
}

export function isRight(row) {
  return faultsOf(row).length === 0;
}

/** Why a part is wrong in most programs. The line `reason` of a program says it where it has another. */
const reasons = {
  hot: "many functions share the time, and the watchdog takes few samples",
};

/** Replaces the table between the two marks of a page. */
export function writeTable(page, rows) {
  const [before, rest] = readFileSync(page, "utf8").split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${page} has no ${begin} … ${end}`);
  writeFileSync(page, `${before}${begin}\n${table(rows)}\n${end}${after}`);
}

export function table(rows) {
  const programs = new Set(rows.map(({ program }) => program.name));
  const right = (part) => rows.filter(({ faults }) => faults[part] === undefined && faults.program === undefined).length;
  const misses = new Map();
  for (const row of rows.filter((one) => !isRight(one))) {
    for (const [part, fault] of faultsOf(row)) {
      const cells = [`${row.program.name}: ${row.program.about}`, part, cell(fault), row.program.reason ?? reasons[part] ?? "under work"];
      misses.set(cells.slice(0, 2).join(), cells);
    }
  }
  return [
    `Of ${rows.length} stalls of ${programs.size} programs, ${rows.filter(isRight).length} are told right in all parts: the place in ${right("place")}, the kind in ${right("kind")}, the hot function in ${right("hot")}, the advice in ${right("advice")}. The misses:`,
    "",
    "| program | part | told | why |",
    "|---|---|---|---|",
    ...[...misses.values()].map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

function cell(fault) {
  return fault.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");
}
