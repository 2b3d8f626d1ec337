// The results of a suite as text: medians, how far a typical round is off, and ratios to the first
// contender, which is offloop.
import type { Measured } from "../measure/interleave.js";
import { median, pairedRatio, spread } from "../measure/statistics.js";
import type { Metric, Suite } from "../suites/suite.js";

/** A table with a row for each contender. */
export function suiteTable(suite: Suite, measured: readonly Measured[]): string {
  const head = ["", ...suite.metrics.flatMap(({ title, unit }) => [`${title} (${unit})`, "offloop is"])];
  const rows = measured.map((each) => [each.contender, ...suite.metrics.flatMap((metric) => cells(metric, each, measured[0]!))]);
  return [suite.title, suite.about, "", ...align([head, ...rows])].join("\n");
}

function cells({ id, better }: Metric, each: Measured, base: Measured): [value: string, ratio: string] {
  const values = each.samples.map((sample) => sample[id] ?? NaN);
  const baseValues = base.samples.map((sample) => sample[id] ?? NaN);
  const value = median(values);
  if (Number.isNaN(value)) return ["–", ""];
  const shown = `${significant(value)} ±${Math.round(spread(values) * 100)}%`;
  if (each === base) return [shown, ""];
  const factor = better === "lower" ? pairedRatio(values, baseValues) : pairedRatio(baseValues, values);
  return [shown, factor >= 1 ? `${significant(factor)} × better` : `${significant(1 / factor)} × worse`];
}

/** Three digits that count. */
export function significant(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4)).replace(/\B(?=(\d{3})+(?!\d))/g, (_, __, at, all: string) => (all.includes(".") && at > all.indexOf(".") ? "" : ","));
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ").trimEnd());
}
