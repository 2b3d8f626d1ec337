// `pnpm bench`: runs the suites one after the other and prints what they say.
import { parseArgs } from "node:util";
import { interleave } from "./measure/interleave.js";
import { suiteTable } from "./report/table.js";
import { suiteNamed, suites } from "./suites/index.js";
import type { Effort } from "./suites/suite.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    suite: { type: "string", multiple: true },
  },
});

const effort: Effort = values.quick ? { rounds: 3, roundMs: 250 } : { rounds: 9, roundMs: 1_000 };
const chosen = values.suite?.map(suiteNamed) ?? suites;

for (const suite of chosen) {
  const measured = await interleave(suite, effort, (step) => showProgress(`${suite.title}: ${step}`));
  showProgress("");
  console.log(`${suiteTable(suite, measured)}\n`);
}
console.log(`Medians of ${effort.rounds} interleaved rounds; ± is half the distance between the quartiles; Node.js ${process.version}.`);

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
