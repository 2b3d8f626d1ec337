// RESULTS.md and its plots: written by a run of the whole suite, never by hand.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plot } from "./plot.js";
import type { Machine, Results, SuiteResults } from "./results.js";
import { suiteRows } from "./table.js";

/** Writes RESULTS.md and plots/ into a folder. */
export function writeMarkdown(results: Results, folder: string): void {
  const plots = join(folder, "plots");
  rmSync(plots, { recursive: true, force: true });
  mkdirSync(plots, { recursive: true });
  for (const suite of results.suites) if (isPlotted(suite)) writeFileSync(join(plots, `${suite.id}.svg`), plot(suite));
  writeFileSync(join(folder, "RESULTS.md"), markdown(results));
}

function isPlotted({ measured }: SuiteResults): boolean {
  return measured.length > 1;
}

function markdown({ machine, effort, suites }: Results): string {
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
      `\`pnpm bench --suite ${suite.id}\``,
    ].join("\n");
  });
  return `# Results

Written by \`pnpm bench --results\`; do not edit.

${describe(machine)}

Medians of ${effort.rounds} interleaved rounds (fewer where a round is long); ± is half the distance between the quartiles, as a part of the median. Ratios are medians of the ratios of the same round. The absolute values belong to the machine; what else it did is in the spread.

${sections.join("\n\n")}
`;
}

function describe({ cpu, cores, memoryGb, system, node, loadBefore, packages }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node.js ${node}; load average before the run ${loadBefore}. ${versions.join(", ")}.`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
