// Renders the delay of the loop over the run as an SVG, on a logarithmic scale, with a mark for each stall.
import type { Stall } from "../protocol/stall.js";
import type { DelayPoint } from "../place/history.js";
import { ms, printable } from "./console.js";
import { escapeHtml } from "./page.js";

/** The times that the line shows, in milliseconds since the epoch, and the threshold that it marks. */
export interface TimeLineRange {
  readonly from: number;
  readonly until: number;
  readonly thresholdMs: number;
}

const WIDTH = 1000;
const HEIGHT = 180;
/** Room for the upper half of the label of the highest line. */
const TOP = 10;
const BOTTOM = 24;
const LEFT = 52;

/** The lowest value of the scale. A shorter delay is the jitter of the timers. */
const LEAST_MS = 1;

/** The time line as SVG. */
export function timeLine(points: readonly DelayPoint[], stalls: readonly Stall[], { from, until, thresholdMs }: TimeLineRange): string {
  const longest = Math.max(10 * thresholdMs, ...points.map(({ delayMs }) => delayMs), ...stalls.map(({ durationMs }) => durationMs));
  const span = Math.max(1, until - from);
  const x = (time: number) => LEFT + ((time - from) / span) * (WIDTH - LEFT);
  const y = (delayMs: number) => (HEIGHT - BOTTOM) * (1 - Math.log(Math.max(LEAST_MS, delayMs) / LEAST_MS) / Math.log(longest / LEAST_MS));
  // A delay above the threshold is drawn as a line that rises from its begin to the beat that ended it.
  const line = points
    .toSorted((a, b) => a.at - b.at) // those of several processes come in turn
    .flatMap(({ at, delayMs }) => (delayMs > thresholdMs ? [{ at: at - delayMs, delayMs: LEAST_MS }, { at, delayMs }, { at, delayMs: LEAST_MS }] : [{ at, delayMs }]))
    .map(({ at, delayMs }) => `${Math.max(LEFT, x(at)).toFixed(1)},${y(delayMs).toFixed(1)}`)
    .join(" ");
  const decades = [];
  for (let decade = LEAST_MS; decade <= longest; decade *= 10) {
    decades.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(decade)}" y2="${y(decade)}"/><text x="${LEFT - 6}" y="${y(decade) + 4}" text-anchor="end">${ms(decade)}</text>`);
  }
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const anchor = part === 1 ? "end" : part === 0 ? "start" : "middle";
    return `<text x="${x(from + part * span)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${(part * span / 1000).toFixed(1)} s</text>`;
  });
  const marks = stalls.map((stall) => {
    const start = x(stall.startedAt);
    const wide = Math.max(2, x(stall.startedAt + stall.durationMs) - start);
    const title = `${ms(stall.durationMs)} ${stall.call ?? stall.place?.function ?? ""}`;
    return `<a href="#stall-${stall.id}"><rect class="stall ${stall.kind}" x="${start.toFixed(1)}" width="${wide.toFixed(1)}" y="${y(stall.durationMs).toFixed(1)}" height="${(HEIGHT - BOTTOM - y(stall.durationMs)).toFixed(1)}"><title>${escapeHtml(printable(title))}</title></rect></a>`;
  });
  return `<svg class="time-line" viewBox="0 ${-TOP} ${WIDTH} ${HEIGHT + TOP}" role="img" aria-label="Delay of the event loop over time">
${decades.join("")}${ticks.join("")}${marks.join("")}
<line class="threshold" x1="${LEFT}" x2="${WIDTH}" y1="${y(thresholdMs)}" y2="${y(thresholdMs)}"/>
<polyline class="delay" points="${line}"/></svg>`;
}
