// A bar for each contender, as SVG, in the colours of the reader's scheme: the median, with a line from the lower to the upper quartile. The
// scale is logarithmic where the longest bar is more than ten times the shortest.
import { median, quantile } from "../measure/statistics.js";
import type { Metric } from "../suites/suite.js";
import type { SuiteResults } from "./results.js";
import { significant, valuesOf } from "./table.js";

const WIDTH = 720;
const LABEL = 170;
const VALUE = 90;
const ROW = 24;
const TOP = 44;
/** The colours of GitHub's pages, light and dark. */
const STYLE = `<style>
.ground { fill: #ffffff } .text { fill: #1f2328 } .caption { fill: #59636e } .own { fill: #0969da } .other { fill: #afb8c1 } .spread { stroke: #1f2328 }
@media (prefers-color-scheme: dark) { .ground { fill: #0d1117 } .text { fill: #e6edf3 } .caption { fill: #9198a1 } .own { fill: #58a6ff } .other { fill: #6e7681 } .spread { stroke: #e6edf3 } }
</style>`;

/** The plot of a suite's first metric. */
export function plot({ title, metrics, measured }: SuiteResults): string {
  const metric = metrics[0]!;
  const bars = measured.map((each) => ({ name: each.contender, values: valuesOf(each, metric).filter((value) => !Number.isNaN(value)) })).filter(({ values }) => values.length > 0);
  const medians = bars.map(({ values }) => median(values));
  const scale = scaleFor(medians);
  const height = TOP + bars.length * ROW + 10;
  const rows = bars.map(({ name, values }, index) => row(name, values, TOP + index * ROW, scale, index === 0));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">
${STYLE}
<rect class="ground" width="100%" height="100%"/>
<text class="text" x="12" y="20" font-weight="bold">${escape(title)}</text>
<text class="caption" x="12" y="37" font-size="11">${escape(caption(metric, scale.logarithmic))}</text>
${rows.join("\n")}
</svg>
`;
}

interface Scale {
  readonly logarithmic: boolean;
  /** Pixels from the left end of the bars. */
  at(value: number): number;
}

function scaleFor(values: readonly number[]): Scale {
  const most = Math.max(...values);
  const least = Math.min(...values.filter((value) => value > 0));
  const room = WIDTH - LABEL - VALUE - 12;
  if (!(most / least > 10)) return { logarithmic: false, at: (value) => Math.max(1, (value / most) * room) };
  const start = Math.log10(least) - 0.3;
  const span = Math.log10(most) - start;
  return { logarithmic: true, at: (value) => Math.max(1, ((Math.log10(Math.max(value, least / 2)) - start) / span) * room) };
}

function caption({ title, unit, better }: Metric, logarithmic: boolean): string {
  return `${title}${unit === "" ? "" : `, ${unit}`}; ${better} is better${logarithmic ? "; logarithmic scale" : ""}`;
}

function row(name: string, values: readonly number[], y: number, scale: Scale, first: boolean): string {
  const middle = median(values);
  const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)].map((value) => LABEL + Math.min(scale.at(value), WIDTH - LABEL - VALUE));
  const end = scale.at(middle);
  return `<text class="text" x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${escape(name)}</text>
<rect x="${LABEL}" y="${y + 2}" width="${end.toFixed(1)}" height="${ROW - 8}" rx="2" class="${first ? "own" : "other"}"/>
<line x1="${low!.toFixed(1)}" x2="${high!.toFixed(1)}" y1="${y + 10}" y2="${y + 10}" class="spread"/>
<text x="${(LABEL + Math.max(end, high! - LABEL) + 6).toFixed(1)}" y="${y + 14}" class="text">${significant(middle)}</text>`;
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
