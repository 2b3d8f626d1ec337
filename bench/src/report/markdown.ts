// Writes RESULTS.md and its plots from the results of a run.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plot } from "./plot.js";
import type { Machine, Results, SuiteResults } from "./results.js";
import { suiteRows } from "./table.js";
import { judge } from "./targets.js";

/** Writes RESULTS.md and plots/ into a folder. @param beside another run, also compared with the targets */
export function writeMarkdown(results: Results, beside: Results | undefined, folder: string): void {
  const plots = join(folder, "plots");
  rmSync(plots, { recursive: true, force: true });
  mkdirSync(plots, { recursive: true });
  for (const suite of results.suites) if (isPlotted(suite)) writeFileSync(join(plots, `${suite.id}.svg`), plot(suite));
  writeFileSync(join(folder, "RESULTS.md"), markdown(results, beside));
}

/** A suite that was run again may have another number of rounds. */
function roundsOf({ measured }: SuiteResults): number {
  return Math.max(...measured.map(({ samples }) => samples.length));
}

function isPlotted({ measured }: SuiteResults): boolean {
  return measured.length > 1;
}

function markdown(results: Results, beside: Results | undefined): string {
  const { machine, effort, suites, planned, leftOut, watchdog, minutes, again = [] } = results;
  const sections = suites.map((suite) => {
    const [head, ...rows] = suiteRows(suite);
    return [
      `## ${suite.title}`,
      "",
      suite.about,
      "",
      ...(isPlotted(suite) ? [`![${suite.title}](plots/${suite.id}.svg)`, ""] : []),
      line(head!),
      line(head!.map((_, column) => (column === 0 ? "---" : "---:"))),
      ...rows.map(line),
      "",
      ...(roundsOf(suite) === effort.rounds ? [] : [`Medians of ${roundsOf(suite)} rounds.`, ""]),
      `\`pnpm bench --suite ${suite.id}\``,
    ].join("\n");
  });
  const parts = [
    "# Results",
    "Written by `pnpm bench --results`; do not edit.",
    ...targets("Targets", results),
    ...(beside === undefined ? [] : targets(`Targets, with Node.js ${beside.machine.node}`, beside)),
    "## The run",
    `${describe(machine)} The run took ${Math.round(minutes)} minutes${suites.length + leftOut.length < planned ? `, and was cut off: it has ${suites.length} of ${planned} suites` : ""}.${again.length === 0 ? "" : ` Run again later than the others: ${again.join(", ")}.`}`,
    `Medians of ${effort.rounds} interleaved rounds; ± is half the distance between the quartiles, as a part of the median. Ratios are medians of the ratios of the same round. The absolute values belong to the machine; what else it did is in the spread.`,
    ...leftOut.map(({ title, why }) => `Left out: ${title}: ${why}.`),
    ...sections,
    ...(watchdog === undefined ? [] : [`## The watchdog\n\nWhat it costs and sees beside others of its kind.\n\n\`\`\`\n${watchdog.trim()}\n\`\`\`\n\n\`node bench/dist/watchdog.js\``]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** A table that compares a run with the targets. */
function targets(title: string, results: Results): string[] {
  const verdicts = judge(results);
  const rows = verdicts.map(({ work, peer, target, measured, met }) => [work, peer, target, measured, met ? "met" : "**missed**"]);
  const table = [["work", "best of the others", "target", "measured", ""], ["---", "---", "---", "---", "---"], ...rows];
  return [`## ${title}\n\n${verdicts.filter(({ met }) => met).length} of ${verdicts.length} met.`, table.map(line).join("\n")];
}

function describe({ cpu, cores, memoryGb, system, node, loadBefore, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node.js ${node}; load average before the run ${loadBefore}. ${versions.join(", ")}.`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
