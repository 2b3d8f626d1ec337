// `pnpm bench`: runs the suites one after the other, prints what they say, and writes it down where asked.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { interleave } from "./measure/interleave.js";
import { compare, comparison } from "./report/compare.js";
import { writeMarkdown } from "./report/markdown.js";
import { describeMachine, readResults, type Results, suiteResults, type SuiteResults } from "./report/results.js";
import { suiteTable } from "./report/table.js";
import { suiteNamed, suites } from "./suites/index.js";
import type { Effort } from "./suites/suite.js";

const usage = `pnpm bench [options]
  --quick             three suites in less than a minute
  --suite <id>        this suite only; may be given several times
  --rounds <n>        rounds of each suite
  --json <file>       write the results as JSON
  --results           write bench/RESULTS.md, its plots and bench/results.json
  --compare <file>    say what got better or worse than in an earlier JSON file
  --list              the suites`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    suite: { type: "string", multiple: true },
    rounds: { type: "string" },
    json: { type: "string" },
    results: { type: "boolean", default: false },
    compare: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else if (values.list) for (const { id, title } of suites) console.log(`${id.padEnd(24)}${title}`);
else {
  try {
    await run();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const earlier = values.compare === undefined ? undefined : readResults(values.compare);
  const effort = resolveEffort();
  const chosen = values.suite?.map(suiteNamed) ?? suites.filter(({ quick }) => !values.quick || quick !== undefined);
  const machine = describeMachine();
  if (machine.loadBefore > machine.cores / 5) console.error(`The machine is busy (load average ${machine.loadBefore} on ${machine.cores} cores): believe the counts, not the times.\n`);
  const done: SuiteResults[] = [];
  for (const suite of chosen) {
    const contenders = (values.quick ? suite.quick : undefined) ?? suite.contenders;
    const measured = await interleave(suite, contenders, effort, (step) => showProgress(`${suite.title}: ${step}`));
    showProgress("");
    done.push(suiteResults(suite, measured));
    console.log(`${suiteTable(done.at(-1)!)}\n`);
    for (const { contender, failure } of measured) {
      if (failure === undefined) continue;
      console.error(`${suite.id}: ${contender} failed: ${failure}\n`);
      process.exitCode = 1;
    }
  }
  console.log(`Medians of ${effort.rounds} interleaved rounds at the most; ± is half the distance between the quartiles; Node.js ${process.version}.`);
  const results: Results = { machine, effort, suites: done };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results)}\n`);
  if (values.results) {
    writeMarkdown(results, fileURLToPath(new URL("..", import.meta.url)));
    writeFileSync(new URL("../results.json", import.meta.url), `${JSON.stringify(results)}\n`);
  }
  if (earlier !== undefined) console.log(`\nAgainst ${values.compare}:\n${comparison(compare(earlier, results))}`);
}

function resolveEffort(): Effort {
  const rounds = values.rounds === undefined ? (values.quick ? 3 : 9) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes an integer of 1 or more, not ${values.rounds}`);
  return { rounds, roundMs: values.quick ? 250 : 500 };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
