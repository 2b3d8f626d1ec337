// Renders the table of the worst places at the end of a run.
import type { PlaceSummary } from "../place/place-book.js";
import { at, ms } from "./console.js";

/** The format of the summary, and the figures of the whole run. */
export interface SummaryFormat {
  readonly cwd: string;
  readonly color: boolean;
  /** The duration of the run. */
  readonly upMs: number;
  readonly stalledMs: number;
  /** For a summary over several processes: how many were watched, and how many of them stalled. */
  readonly processes?: { readonly watched: number; readonly stalled: number } | undefined;
}

/** The number of places in the table. The others are counted. */
const MOST_PLACES = 10;

/** @returns text without a newline at its end */
export function formatSummary(worst: readonly PlaceSummary[], { cwd, color, upMs, stalledMs, processes }: SummaryFormat): string {
  const several = processes !== undefined && processes.watched > 1 ? processes : undefined;
  if (worst.length === 0) return `\noffloop: no stall of the event loop was recorded in ${ms(upMs)}${several ? `, in ${several.watched} processes` : ""}.`;
  const stalls = worst.reduce((sum, { count }) => sum + count, 0);
  const share = upMs > 0 ? Math.min(100, (stalledMs / upMs) * 100) : 0;
  // The stalls of several processes may last at the same time.
  const sum = several ? `${ms(stalledMs)} in ${several.stalled} of ${several.watched} processes, in ${ms(upMs)}` : `${ms(stalledMs)} of ${ms(upMs)} (${share.toFixed(1)} %)`;
  const head = `offloop: ${stalls} ${stalls === 1 ? "stall" : "stalls"}, ${sum}`;
  const rows = [
    ["stalls", "total", "longest", "kind", "place"],
    ...worst.slice(0, MOST_PLACES).map(({ count, totalMs, longestMs, kind, place }) => [
      String(count), ms(totalMs), ms(longestMs), kind, place ? at(place, cwd) : "unknown",
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => (column < 3 ? cell.padStart(widths[column]!) : column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join("  ")}`,
  );
  if (worst.length > MOST_PLACES) lines.push(`  … and ${worst.length - MOST_PLACES} more places`);
  return ["", color ? `\x1b[1m${head}\x1b[0m` : head, ...lines].join("\n");
}
