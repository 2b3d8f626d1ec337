// The output of the main job: the table, the watchdog's worst report, the line that offloads the work, and the
// same as one object for `--json`.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { formatStall, type Stall } from "offloop";
import type { Measurement } from "./measure.js";
import { formatFigure, formatTable } from "./table.js";

export function summaryText(inline: Measurement, offloaded: Measurement): string {
  return [
    comparison(inline, offloaded),
    "",
    worstStallText(inline.stalls),
    "",
    "The change that fixed it:",
    `- ${routeLine("../src/inline.ts")}`,
    `+ ${routeLine("../src/offloaded.ts")}`,
  ].join("\n");
}

export function summaryObject(inline: Measurement, offloaded: Measurement) {
  const stall = worst(inline.stalls);
  return {
    inline: figures(inline),
    offloaded: figures(offloaded),
    identical: true,
    worstStall: stall?.place && {
      file: shortPath(stall.place.file),
      line: stall.place.line,
      function: stall.place.function,
      durationMs: rounded(stall.durationMs),
    },
  };
}

function comparison(inline: Measurement, offloaded: Measurement): string {
  const ms = (label: string, of: (measurement: Measurement) => number) => [
    label,
    `${formatFigure(of(inline))} ms`,
    `${formatFigure(of(offloaded))} ms`,
    ratio(of(inline) / of(offloaded)),
  ];
  return formatTable(
    ["", "inline", "offloaded", ""],
    [
      ms("light route, p50", (m) => m.lightP50Ms),
      ms("light route, p99", (m) => m.lightP99Ms),
      ms("light route, max", (m) => m.lightMaxMs),
      ms("event-loop delay, p99", (m) => m.loopDelayP99Ms),
      [
        "heavy route, answers a second",
        formatFigure(inline.heavyPerSecond),
        formatFigure(offloaded.heavyPerSecond),
        `${formatFigure(offloaded.heavyPerSecond / inline.heavyPerSecond)} × as many`,
      ],
      ["stalls seen by the watchdog", String(inline.stalls.length), String(offloaded.stalls.length), ""],
    ],
  );
}

function ratio(value: number): string {
  return value >= 1 ? `${formatFigure(value)} × less` : `${formatFigure(1 / value)} × more`;
}

function worstStallText(stalls: readonly Stall[]): string {
  const stall = worst(stalls);
  if (!stall) return "The inline server's watchdog saw no stall.";
  return `The worst stall of the inline server, reported by its watchdog:\n\n${formatStall(stall)}`;
}

/**
 * The longest stall that was caused by one function. Without one, the longest stall with a place; without that,
 * the longest stall. (If several renders run in one turn, the stall names the route handler or a chain of
 * promises. The report should name a single render.)
 */
function worst(stalls: readonly Stall[]): Stall | undefined {
  const longestFirst = stalls.toSorted((a, b) => b.durationMs - a.durationMs);
  const byOneFunction = longestFirst.find(({ kind, place, approximate }) => kind === "script" && place?.function && !approximate);
  return byOneFunction ?? longestFirst.find(({ place }) => place) ?? longestFirst[0];
}

function figures({ lightP50Ms, lightP99Ms, heavyPerSecond, loopDelayP99Ms, stalls }: Measurement) {
  return {
    lightP50Ms: rounded(lightP50Ms),
    lightP99Ms: rounded(lightP99Ms),
    heavyPerSecond: rounded(heavyPerSecond),
    loopDelayP99Ms: rounded(loopDelayP99Ms),
    stalls: stalls.length,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

/** The line of the heavy route, read from the measured file. */
function routeLine(file: string): string {
  const lines = readFileSync(new URL(file, import.meta.url), "utf8").split("\n");
  return lines.find((line) => line.includes('app.get("/docs/'))?.trim() ?? "";
}
