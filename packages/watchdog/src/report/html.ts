// Renders the report of a run as one HTML file without external assets: the delay of the loop over time
// with the stalls, the worst places, a flame graph of all samples, and each stall with its code.
import type { Stall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceSummary } from "../place/place-book.js";
import { at, formatStall, ms, printable, short } from "./console.js";
import { flameGraph } from "./flame-graph.js";
import { escapeHtml, PAGE_SCRIPT, PAGE_STYLE } from "./page.js";
import { timeLine } from "./time-line.js";

/** The data of the HTML report. */
export interface HtmlInput {
  readonly program: string;
  readonly thresholdMs: number;
  readonly worst: readonly PlaceSummary[];
  readonly history: History;
  /** The stalls that last while the page is written. */
  readonly running: readonly Stall[];
  /** For a report over several processes: their number, and the process of a stall. */
  readonly processes?: { readonly count: number; of(stall: Stall): string } | undefined;
  readonly cwd: string;
}

/** The number of stalls that are shown in full: the longest. */
const MOST_STALLS = 50;

/** The report as a complete HTML page. */
export function htmlReport({ program: path, thresholdMs, worst, history, running, processes, cwd }: HtmlInput): string {
  const program = short(path, cwd);
  const until = Date.now();
  const upMs = until - history.startedAt;
  const longest = history.stalls.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, MOST_STALLS);
  const facts: [string, string][] = [
    ["stalls", String(history.stallCount)],
    ["total", `${ms(history.stalledMs)} of ${ms(upMs)}`],
    ["longest", ms(history.longestMs)],
    ["threshold", ms(thresholdMs)],
    ...(processes === undefined ? [] : [["processes", String(processes.count)] satisfies [string, string]]),
  ];
  const processOf = (stall: Stall): string => (processes === undefined ? "" : printable(processes.of(stall)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stalls of ${escapeHtml(printable(program))}</title>
<style>${PAGE_STYLE}</style>
<header>
<h1>What held the event loop</h1>
<p class="program">${escapeHtml(printable(program))} · ${new Date(history.startedAt).toISOString()}</p>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
</header>
${running.length === 0 ? "" : `<section><h2>Held while this page was written</h2>
${running.map((stall) => `<p class="hint">since ${new Date(stall.startedAt).toISOString()} ${escapeHtml(processOf(stall))}</p><pre>${escapeHtml(formatStall(stall, { cwd, running: true }))}</pre>`).join("\n")}
</section>`}
<section><h2>Loop delay</h2>
${timeLine(history.points, history.stalls, { from: history.startedAt, until, thresholdMs })}
</section>
<section><h2>Worst places</h2>
${worst.length === 0 ? "<p>No stall was recorded.</p>" : placesTable(worst, cwd)}
</section>
${worst.length === 0 ? "" : `<section><h2>Where the time went</h2>
<p class="hint">The samples of all stalls. Callers are above the functions that they call. The width of a box is the time in its function. Click a box to zoom in, and the top box to zoom out.</p>
${flameGraph(history.tree.root, cwd)}
</section>
<section><h2>Stalls, longest first</h2>
${longest.map((stall) => stallDetails(stall, processOf(stall), cwd)).join("\n")}
</section>`}
<script>${PAGE_SCRIPT}</script>
</html>
`;
}

function placesTable(worst: readonly PlaceSummary[], cwd: string): string {
  const total = worst.reduce((sum, { totalMs }) => sum + totalMs, 0) || 1;
  const rows = worst.map(
    ({ kind, place, count, totalMs, longestMs }) =>
      `<tr><td class="number">${count}</td><td class="number">${ms(totalMs)}</td><td class="number">${ms(longestMs)}</td>` +
      `<td><span class="kind ${kind}">${kind}</span></td><td class="place"><span class="share" style="width:${((totalMs / total) * 100).toFixed(1)}%"></span>` +
      `<code>${escapeHtml(place ? at(place, cwd) : "unknown")}</code></td></tr>`,
  );
  return `<table><thead><tr><th class="number">stalls</th><th class="number">total</th><th class="number">longest</th><th>kind</th><th>place</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function stallDetails(stall: Stall, process: string, cwd: string): string {
  const where = stall.call !== undefined ? printable(stall.call) : (stall.place ? at(stall.place, cwd) : "unknown place");
  return `<details id="stall-${stall.id}"><summary><span class="number">${ms(stall.durationMs)}</span> <span class="kind ${stall.kind}">${stall.kind}</span> <code>${escapeHtml(where)}</code> ${escapeHtml(process)}</summary>
<pre>${escapeHtml(formatStall(stall, { cwd }))}</pre></details>`;
}
