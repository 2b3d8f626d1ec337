// The cost of each mode of the watchdog: `node bench/dist/watchdog-modes.js [rounds] [--write]`. Modes run in turn, and a ratio
// compares values of one round. With --write, the table goes into docs/watchdog.md.
import { readFileSync, writeFileSync } from "node:fs";
import { pairedRatio, spread } from "./measure/statistics.js";
import { cost } from "./watchdog-cost.js";
import { endpointModes, modes } from "./watchdog-options.js";

const workloads = { cpu: "CPU loop", await: "`await` loop", http: "HTTP server", calls: "blocking calls", pool: "calls on threads" } as const;
const page = new URL("../../docs/watchdog.md", import.meta.url);

/** What the table replaces. */
const TABLE = /(<!-- the cost of each mode -->\n)[^]*?(<!-- end -->)/;

const args = process.argv.slice(2);
const rounds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 7);
const contenders = ["nothing", ...Object.keys(modes), ...endpointModes];
const costs = new Map<string, number[]>();

for (let round = 0; round < rounds; round += 1) {
  for (const workload of Object.keys(workloads)) {
    for (const contender of contenders) {
      const key = `${contender} ${workload}`;
      costs.set(key, [...(costs.get(key) ?? []), await cost(contender, workload)]);
    }
  }
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}

const valuesOf = (contender: string, workload: string): number[] => costs.get(`${contender} ${workload}`)!;
const noise = Object.entries(workloads).map(([workload, name]) => `${Math.round(spread(valuesOf("nothing", workload)) * 100)} % (${name})`);
const rows = contenders.slice(1).map((contender) => `| ${contender.startsWith("the") ? contender : `\`${contender.replace(", and", "`, and")}${contender.includes(", and") ? "" : "`"}`} | ${Object.keys(workloads).map((workload) => pairedRatio(valuesOf(contender, workload), valuesOf("nothing", workload)).toFixed(2)).join(" | ")} |`);
const table = [
  `| mode | ${Object.values(workloads).join(" | ")} |`,
  `|---|${"---|".repeat(Object.keys(workloads).length)}`,
  ...rows,
  "",
  `Node ${process.versions.node}, ${rounds === 1 ? "one round" : `${rounds} rounds. The spread without a watchdog: ${noise.join(", ")}`}.`,
  "",
].join("\n");
console.log(table);
if (args.includes("--write")) writeFileSync(page, readFileSync(page, "utf8").replace(TABLE, (_, before: string, after: string) => `${before}\n${table}\n${after}`));
