// `pnpm bench`: runs the suites one after another, prints their results, and writes files if asked.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { interleave } from "./measure/interleave.js";
import { runWatchdog } from "./measure/run-watchdog.js";
import { compare, comparison } from "./report/compare.js";
import { writeMarkdown } from "./report/markdown.js";
import { describeMachine, type LeftOut, readResults, renewed, type Results, suiteResults, type SuiteResults } from "./report/results.js";
import { align, suiteTable } from "./report/table.js";
import { judge } from "./report/targets.js";
import { suiteNamed, suites } from "./suites/index.js";
import type { Effort } from "./suites/suite.js";

const usage = `pnpm bench [options]
  --quick             three suites in less than a minute
  --suite <id>        this suite only; may be given several times
  --rounds <n>        rounds of each suite
  --json <file>       write the results as JSON
  --results           write bench/RESULTS.md, its plots and bench/results.json
  --beside <file>     with --results: hold an earlier JSON file against the targets too, one of another Node say
  --from <file>       take the results of an earlier JSON file, but for the suites that --suite names, which run again
  --compare <file>    say what got better or worse than in an earlier JSON file
  --list              the suites`;

/** With fewer rounds, noise hides a change. With more, all suites together take longer than twenty minutes. */
const ROUNDS = 7;
const ROUND_MS = 250;
/** Rounds of the watchdog's bench. Each takes most of a minute. */
const WATCHDOG_ROUNDS = 7;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    suite: { type: "string", multiple: true },
    rounds: { type: "string" },
    json: { type: "string" },
    results: { type: "boolean", default: false },
    beside: { type: "string" },
    from: { type: "string" },
    compare: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else if (values.list) for (const { id, title } of suites) console.log(`${id.padEnd(24)}${title}`);
else {
  try {
    if (values.from !== undefined && values.suite === undefined) writeDown(readResults(values.from));
    else await run();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const earlier = values.compare === undefined ? undefined : readResults(values.compare);
  const effort = resolveEffort();
  const chosen = values.suite?.map(suiteNamed) ?? suites.filter(({ quick }) => !values.quick || quick !== undefined);
  const from = values.from === undefined ? undefined : readResults(values.from);
  const machine = describeMachine();
  if (machine.loadBefore > machine.cores / 5) console.error(`The machine is busy (load average ${machine.loadBefore} on ${machine.cores} cores): believe the counts, not the times.\n`);
  const started = performance.now();
  const done: SuiteResults[] = [];
  const leftOut: LeftOut[] = [];
  let watchdog: string | undefined;
  const minutes = (): number => (performance.now() - started) / 60_000;
  const results = (): Results =>
    from === undefined
      ? { machine, effort, suites: done, planned: chosen.length, leftOut, ...(watchdog === undefined ? {} : { watchdog }), minutes: minutes() }
      : renewed(from, machine, done, minutes());
  const leaveOut = (title: string, why: string): void => {
    leftOut.push({ title, why });
    console.error(`${title}: left out: ${why}\n`);
  };
  for (const suite of chosen) {
    const missing = suite.missing?.();
    if (missing !== undefined) {
      leaveOut(suite.title, missing);
      continue;
    }
    const contenders = (values.quick ? suite.quick : undefined) ?? suite.contenders;
    const measured = await interleave(suite, contenders, effort, (step) => showProgress(`${suite.title}: ${step}`));
    showProgress("");
    done.push(suiteResults(suite, measured));
    console.log(`${suiteTable(done.at(-1)!)}\n`);
    writeDown(results()); // after each suite, so that an interrupted run leaves the results so far
    for (const { contender, failure } of measured) {
      if (failure === undefined) continue;
      console.error(`${suite.id}: ${contender} failed: ${failure}\n`);
      process.exitCode = 1;
    }
  }
  if (values.results && from === undefined) watchdog = (await runWatchdog(WATCHDOG_ROUNDS).catch((error: Error) => leaveOut("The watchdog", error.message.split("\n")[0]!))) ?? undefined;
  if (watchdog !== undefined) console.log(watchdog);
  const verdicts = judge(results());
  if (verdicts.length > 0) console.log(`${align([["Targets", "best of the others", "target", "measured", ""], ...verdicts.map(({ work, peer, target, measured, met }) => [work, peer, target, measured, met ? "met" : "MISSED"])]).join("\n")}\n`);
  console.log(`Medians of ${effort.rounds} interleaved rounds; ± is half the distance between the quartiles; Node.js ${process.version}.`);
  writeDown(results());
  if (earlier !== undefined) console.log(`\nAgainst ${values.compare}:\n${comparison(compare(earlier, results()))}`);
}

function writeDown(results: Results): void {
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results)}\n`);
  if (!values.results) return;
  writeMarkdown(results, values.beside === undefined ? undefined : readResults(values.beside), fileURLToPath(new URL("..", import.meta.url)));
  writeFileSync(new URL("../results.json", import.meta.url), `${JSON.stringify(results)}\n`);
}

function resolveEffort(): Effort {
  const rounds = values.rounds === undefined ? (values.quick ? 3 : ROUNDS) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes an integer of 1 or more, not ${values.rounds}`);
  return { rounds, roundMs: values.quick ? 250 : ROUND_MS };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
