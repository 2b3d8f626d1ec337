// Measures each workload in place and on threads, and prints the delays of the light route and of the broadcasts. Fails if an
// answer differs, or if an import that nobody wants goes on.
//
//   npm start                       each workload for three seconds, imports of 100 MB
//   npm start -- csv --seconds 10   one of them
//   npm run ci                      each for one second, the spreadsheet with 10 MB
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { breakOff, type Measurement, measure } from "./measure.js";
import { writeCsv, writeXlsx } from "./rows/files.js";
import { workloads } from "./workloads.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seconds: { type: "string", default: "3" }, csv: { type: "string", default: "100" }, xlsx: { type: "string", default: "100" } } });
const names = positionals.length > 0 ? positionals : Object.keys(workloads);
const unknown = names.find((name) => !(name in workloads));
if (unknown !== undefined) {
  console.error(`There is no workload ${unknown}: choose of ${Object.keys(workloads).join(", ")}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "offloop-real-work-"));
try {
  const files = { csv: join(folder, "cities.csv"), xlsx: join(folder, "cities.xlsx") };
  if (names.includes("csv")) writeCsv(files.csv, Number(values.csv) * 1_000_000);
  if (names.includes("xlsx")) writeXlsx(files.xlsx, Number(values.xlsx) * 1_000_000);

  console.log(row("", "", "light p50", "light p99", "broadcast p99", "heavy"));
  for (const name of names) {
    const { title } = workloads[name]!;
    const inPlace = await measure({ workload: name, inPlace: true, files }, Number(values.seconds));
    console.log(row(title, "in place", ...figures(inPlace)));
    const onThreads = await measure({ workload: name, inPlace: false, files }, Number(values.seconds));
    console.log(row("", "on threads", ...figures(onThreads)));
    if (JSON.stringify(inPlace.answers) !== JSON.stringify(onThreads.answers)) throw new Error(`${name}: the answers differ: ${JSON.stringify(inPlace.answers)}, ${JSON.stringify(onThreads.answers)}`);
    if (name !== "csv" && name !== "xlsx") continue;
    const ms = await breakOff({ workload: name, inPlace: false, files });
    console.log(`  ${onThreads.answers[0]}; ${onThreads.progressLines} reports of progress; ended ${Math.round(ms)} ms after its client went away`);
    if (onThreads.progressLines < 5) throw new Error(`${name}: only ${onThreads.progressLines} reports of progress.`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function figures({ lightMs, broadcastMs, heavyPerSecond }: Measurement): string[] {
  const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  return [ms(percentile(lightMs, 50)), ms(percentile(lightMs, 99)), ms(percentile(broadcastMs, 99)), `${heavyPerSecond.toFixed(1)}/s`];
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!;
}

function row(title: string, version: string, ...cells: readonly string[]): string {
  return `${title.padEnd(42)}${version.padEnd(12)}${cells.map((cell) => cell.padStart(15)).join("")}`;
}
