// The results of a suite as rows: medians, spreads, and how many times better the first contender is. The
// first contender is offloop in every suite that it takes part in.
import type { Measured } from "../measure/interleave.js";
import { median, pairedRatio, spread } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { SuiteResults } from "./results.js";

/** The values of one metric, one for each round; NaN for a round without a value. */
export function valuesOf({ samples }: Measured, { id }: Metric): number[] {
  return samples.map((sample) => sample[id] ?? NaN);
}

/** A head and a row for each contender. */
export function suiteRows({ metrics, measured }: SuiteResults): string[][] {
  const compared = measured.length > 1;
  const head = ["", ...metrics.flatMap(({ title, unit }) => [unit === "" ? title : `${title} (${unit})`, ...(compared ? [`${measured[0]!.contender} is`] : [])])];
  return [head, ...measured.map((each) => [each.contender, ...metrics.flatMap((metric) => cells(metric, each, measured[0]!, compared))])];
}

/** The rows as text, in columns. */
export function suiteTable(suite: SuiteResults): string {
  return [suite.title, suite.about, "", ...align(suiteRows(suite))].join("\n");
}

function cells(metric: Metric, each: Measured, base: Measured, compared: boolean): string[] {
  const values = valuesOf(each, metric);
  const value = median(values);
  if (Number.isNaN(value) || each.failure !== undefined) return compared ? [each.failure === undefined ? "–" : "failed", ""] : ["–"];
  const shown = `${significant(value)} ±${Math.round(spread(values) * 100)}%`;
  if (!compared) return [shown];
  const factor = each === base ? NaN : advantage(metric, valuesOf(base, metric), values);
  return [shown, Number.isNaN(factor) || !Number.isFinite(factor) || factor === 0 ? "" : factor >= 1 ? `${significant(factor)} × better` : `${significant(1 / factor)} × worse`];
}

/** The factor by which `base` is better than `values`. */
function advantage({ better }: Metric, base: readonly number[], values: readonly number[]): number {
  return better === "lower" ? pairedRatio(values, base) : pairedRatio(base, values);
}

/** The number with three significant digits. */
export function significant(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}

/** The rows as lines of text with aligned columns. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ").trimEnd());
}
