// `npm run soak`: random calls under random faults, in rounds. Each round is a program of its own, with its own seed. It
// must settle every call rightly, leave nothing behind, and exit by itself.
//
//   npm run soak                               1,000,000 calls
//   npm run soak -- --calls 20000 --seed 7     as many calls, from this seed
//
// A failed round is repeated by its own seed, with the same number of calls.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, setup } from "./setup.mjs";

const { values } = parseArgs({ options: { calls: { type: "string", default: "1000000" }, round: { type: "string", default: "5000" }, seed: { type: "string", default: String(Date.now() % 1_000_000) } } });
const [calls, perRound, first] = [values.calls, values.round, values.seed].map(Number);

/** Milliseconds that a round may take: some 10 ms a call on a busy machine, and the time in which it finds a call that does not settle. */
const roundMs = 120_000 + perRound * 40;

setup();
console.log(`soak: ${calls} calls from seed ${first}`);
for (let left = calls, seed = first; left > 0; left -= perRound, seed += 1) {
  const count = Math.min(left, perRound);
  const child = spawn(process.execPath, [join(root, "packages/workers/test/soak/program.mjs"), String(seed), String(count)], { stdio: ["ignore", "inherit", "inherit"], timeout: roundMs, killSignal: "SIGKILL" });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) {
    console.error(`round ${seed} ${signal === null ? `exited with code ${code}` : `did not exit by itself within ${roundMs} ms`}. Repeat it: npm run soak -- --calls ${count} --round ${count} --seed ${seed}`);
    process.exit(1);
  }
}
console.log("soak: every call has settled, and nothing is left");
