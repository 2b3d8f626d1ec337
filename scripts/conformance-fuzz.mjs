// `pnpm conformance:fuzz`: runs random programs under CPython 3.13's asyncio and under offloop's loop, in
// virtual time, and compares their traces line by line. Prints its seed. At a difference it prints the
// smallest program that still shows it, and exits with 1. Exits with 2 where there is no CPython 3.13. With --mains,
// three mains of offloop run each program at once.
//   --count 30000   --seed 1   --node /path/to/node   --features gather,timeout   --differences 1   --mains
import { parseArgs } from "node:util";
import { compare, describeDifference } from "../packages/core/test/fuzz/compare.mjs";
import { FEATURES } from "../packages/core/test/fuzz/features.mjs";
import { findPython } from "../packages/core/test/fuzz/python.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "30000" },
    seed: { type: "string" },
    node: { type: "string" },
    mains: { type: "boolean", default: false },
    features: { type: "string" },
    differences: { type: "string", default: "1" },
  },
});
const integer = (name) => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`--${name} takes an integer; got ${values[name]}`);
  return value;
};

const python = findPython();
if (python === undefined) {
  console.error("No CPython 3.13 was found: put python3.13 on the PATH, install it with pyenv, or set OFFLOOP_PYTHON.");
  process.exit(2);
}
const features = values.features?.split(",") ?? FEATURES;
const unknown = features.filter((each) => !FEATURES.includes(each));
if (unknown.length > 0) throw new TypeError(`--features takes some of ${FEATURES.join(", ")}; got ${unknown.join(", ")}`);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : integer("seed");
console.log(`seed ${seed}, features ${features.join(" ")}`);

const { compared, lines, differences } = await compare({
  python,
  node: values.node,
  mains: values.mains,
  seed,
  count: integer("count"),
  features,
  mostDifferences: integer("differences"),
  onBatch: (sofar) => {
    if (sofar.compared % 5000 === 0) console.log(`${sofar.compared} programs, ${sofar.lines} lines, ${sofar.differences.length} differences`);
  },
});
for (const difference of differences) console.log(`\n${describeDifference(difference)}`);
console.log(`${compared} programs, ${lines} trace lines, ${differences.length} differences (seed ${seed})`);
process.exitCode = differences.length === 0 ? 0 : 1;
