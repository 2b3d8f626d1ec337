// `npm run soak`: random calls under random faults, in rounds. Each round is a program of its own, with its own seed. It
// must settle every call rightly, leave nothing behind, and exit by itself. Before that, random programs of tasks run in
// virtual time, one for each 50 calls: every await of them must settle.
//
//   npm run soak                                  1,000,000 calls
//   npm run soak -- --calls 20000 --seconds 120   as many calls; no round begins later than after 120 seconds
//   npm run soak -- --calls 5000 --seed 7         the round of this seed
//
//   npm run soak -- --remote                      50,000 calls on other hosts, by BullMQ and a Redis of its own, in one round
//
// A failed round is repeated by its own seed, with the same number of calls. The calls are the same then. When each of
// them runs depends on the machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, setup } from "./setup.mjs";

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({ options: { remote: { type: "boolean", default: false }, calls: number(""), round: number(5_000), seed: number(Date.now() % 1_000_000), seconds: number(Infinity) } });
const [perRound, first, seconds] = [values.round, values.seed, values.seconds].map(Number);
const calls = Number(values.calls || (values.remote ? 50_000 : 1_000_000));

/** Milliseconds that a round may take: some 40 ms a call on a busy machine, and the time in which it finds a call that does not settle. */
const roundMs = 240_000 + perRound * 40;

setup();
console.log(`soak: ${calls} calls from seed ${first}`);
if (values.remote) {
  const hosts = ["packages/bullmq/test/soak/program.mjs", String(first), String(calls)];
  const { code } = await runNode(hosts);
  if (code !== 0) console.error(`Repeat it: npm run soak -- --remote --calls ${calls} --seed ${first}`);
  process.exit(code ?? 1);
}
const until = performance.now() + seconds * 1_000;
const programs = ["packages/core/test/soak/programs.mjs", String(first), String(Math.ceil(calls / 50))];
if ((await runNode(programs)).code !== 0) {
  console.error(`Repeat it: node ${programs.join(" ")}`);
  process.exit(1);
}
let left = calls;
for (let seed = first; left > 0 && performance.now() < until; left -= perRound, seed += 1) {
  const count = Math.min(left, perRound);
  const { code, signal } = await runNode(["packages/workers/test/soak/program.mjs", String(seed), String(count)], { timeout: roundMs, killSignal: "SIGKILL" });
  if (code !== 0) {
    console.error(`round ${seed} ${signal === null ? `exited with code ${code}` : signal === "SIGKILL" ? `did not exit by itself within ${roundMs} ms` : `was ended by ${signal}`}. Repeat it: npm run soak -- --calls ${count} --round ${count} --seed ${seed}`);
    process.exit(1);
  }
}
console.log(`soak: each of ${calls - Math.max(left, 0)} calls has settled, and nothing is left`);

async function runNode([file, ...args], options) {
  const child = spawn(process.execPath, [join(root, file), ...args], { stdio: ["ignore", "inherit", "inherit"], ...options });
  const [code, signal] = await once(child, "exit");
  return { code, signal };
}
