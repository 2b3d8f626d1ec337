// The text format of Prometheus.
import type { BucketCounts } from "../protocol/bucket-counts.js";
import type { Metric } from "../protocol/metrics.js";

/** The values of the labels, in their order. */
type Labels = readonly string[];

/** The lines of a counter or a gauge. */
export function values(metric: Metric, series: Iterable<readonly [labels: Labels, value: number]>): string[] {
  return [...head(metric), ...[...series].map(([labels, value]) => line(metric.name, metric.labels, labels, value))];
}

/** The lines of a histogram. */
export function histograms(metric: Metric, series: Iterable<readonly [labels: Labels, buckets: BucketCounts]>): string[] {
  return [...head(metric), ...[...series].flatMap(([labels, buckets]) => histogram(metric, labels, buckets))];
}

function histogram({ name, labels: names, bounds }: Metric, labels: Labels, { counts, sum }: BucketCounts): string[] {
  let total = 0;
  const lines = [...bounds!.map(String), "+Inf"].map((bound, index) => line(`${name}_bucket`, [...names, "le"], [...labels, bound], (total += counts[index]!)));
  return [...lines, line(`${name}_sum`, names, labels, sum), line(`${name}_count`, names, labels, total)];
}

function head({ name, type, help }: Metric): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function line(name: string, names: Labels, labels: Labels, value: number): string {
  return `${name}${names.length === 0 ? "" : `{${names.map((each, index) => `${each}="${escaped(labels[index]!)}"`).join(",")}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
