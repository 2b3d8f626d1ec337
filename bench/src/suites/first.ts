// The first call: what a program pays before offloop has done anything for it. Each figure comes from a fresh
// program, measure/first-probe.ts.
import { execFile, type ExecFileException } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { FirstStep } from "../measure/first-probe.js";
import type { ContenderKey } from "../peers/index.js";
import type { Sample, Suite } from "./suite.js";

const probe = fileURLToPath(new URL("../measure/first-probe.js", import.meta.url));

/** A program that has not ended after this time has hung. */
const HUNG_MS = 60_000;
const MODULES = 1_000;

/** What is measured of each contender. */
const steps: Partial<Record<ContenderKey, readonly FirstStep[]>> = {
  "offloop-to-thread": ["import", "first", "warm", "hold-cjs", "hold-esm", "fresh", "text", "memory"],
  "offloop-install": ["import"],
  piscina: ["import", "first", "hold-cjs", "hold-esm", "memory"],
  workerpool: ["import"],
  raw: ["first", "memory"],
  "offloop-processes": ["process"],
  "raw-fork": ["process"],
};

export const suite: Suite = {
  id: "first",
  title: "The first call",
  about:
    `A fresh program for each figure: the import; from its first line to the first result of one worker, without and with \`toThread.warmUp()\`; the longest time for which the first call holds the loop of a program that has loaded ${MODULES.toLocaleString("en")} modules; ` +
    "time of the main thread for a call of a new arrow function that captures a number, and of a new `new Function`, and the heap that such a call keeps; resident memory of each of four further workers; a started process to its first message.",
  contenders: Object.keys(steps) as ContenderKey[],
  metrics: [
    { id: "import", title: "import", unit: "ms", better: "lower" },
    { id: "first", title: "import to first result", unit: "ms", better: "lower" },
    { id: "warm", title: "the same, with warmUp", unit: "ms", better: "lower" },
    { id: "hold-cjs", title: "longest hold, CommonJS", unit: "ms", better: "lower" },
    { id: "hold-esm", title: "longest hold, ESM", unit: "ms", better: "lower" },
    { id: "fresh", title: "a new arrow", unit: "ms", better: "lower" },
    { id: "text", title: "a new Function", unit: "ms", better: "lower" },
    { id: "kept", title: "kept by it", unit: "bytes", better: "lower" },
    { id: "memory", title: "memory a worker", unit: "MB", better: "lower" },
    { id: "process", title: "process to first message", unit: "ms", better: "lower" },
  ],
  async open(_contender, _effort, key) {
    const folder = mkdtempSync(join(tmpdir(), "offloop-bench-"));
    writeModules(folder);
    return {
      async round() {
        const samples: Sample[] = [];
        for (const step of steps[key]!) samples.push(await run(step, key, folder));
        return Object.assign({}, ...samples) as Sample;
      },
      close: async () => rmSync(folder, { recursive: true }),
    };
  },
};

async function run(step: FirstStep, key: ContenderKey, folder: string): Promise<Sample> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", probe, step, key, folder], { timeout: HUNG_MS, killSignal: "SIGKILL" }).catch((error: ExecFileException) => {
    throw new Error(`${step}: ${error.killed ? `its program had not ended after ${HUNG_MS / 1_000} seconds` : `its program failed: ${error.stderr}`}`);
  });
  return JSON.parse(stdout) as Sample;
}

/** A program of many modules in each module system. `caller` gives a function of `task` to the executor. */
function writeModules(folder: string): void {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const numbers = Array.from({ length: MODULES }, (_, number) => number);
  const body = numbers.slice(0, 20).map((each) => `function part${each}(value) {\n  return value.map((item) => item * ${each}).filter((item) => item > 0);\n}`).join("\n");
  for (const number of numbers) {
    write(`module-${number}.mjs`, `${body}\nexport { part0 };\nexport const number = part1([${number}]).length;\n`);
    write(`module-${number}.cjs`, `${body}\nmodule.exports = { part0, number: part1([${number}]).length };\n`);
  }
  write("all.mjs", numbers.map((number) => `import "./module-${number}.mjs";`).join("\n"));
  write("all.cjs", numbers.map((number) => `require("./module-${number}.cjs");`).join("\n"));
  write("task.mjs", "export function increment(value) {\n  return value + 1;\n}\n");
  write("task.cjs", "exports.increment = function increment(value) {\n  return value + 1;\n};\n");
  write("caller.mjs", 'import { increment } from "./task.mjs";\nexport const call = (run) => run(increment, 1);\n');
  write("caller.cjs", 'const { increment } = require("./task.cjs");\nexports.call = (run) => run(increment, 1);\n');
}
