// One round of `npm run soak`: random calls under random faults, on every kind of executor and on actors. It ends by
// itself, with exit code 0 if every call has settled rightly and nothing is left.
//
//   node program.mjs <seed> <calls> [changes of globals, or "none"]
//
// The seed decides what each call does. Which call runs when, and so which of them a fault hits, differs from run to run.
import { inspect } from "node:util";
import { actor } from "./actors.mjs";
import { generation } from "./generation.mjs";
import { change, names } from "./hostile.mjs";
import { checkAgainst, children, measure } from "./leaks.mjs";
import { Random } from "./random.mjs";

const [seed, calls] = process.argv.slice(2).map(Number);
const [, , , , givenChanges] = process.argv;

/** Milliseconds in which a call must settle. By its own options it may take some 3 s, and many times as long on a busy machine. */
const SETTLES_MS = 150_000;

const { setInterval, clearInterval, setTimeout } = globalThis;
const now = performance.now.bind(performance);
const random = new Random(seed);
const signals = random.fork(0); // a timer makes these choices
const pending = new Map();
const tally = new Map();
const problems = [];
let lastId = 0;

/** Runs one call, and notes that it has settled. */
async function drive(where, index, run, about) {
  const id = ++lastId;
  const call = { where, index, since: now(), label: "", options: undefined, about };
  pending.set(id, call);
  try {
    const label = await run((name, options) => ((call.label = name), (call.options = options)));
    tally.set(label, (tally.get(label) ?? 0) + 1);
  } catch (error) {
    problems.push(error);
    if (problems.length <= 5) console.log(`call ${index} on ${where}:`, inspect(error, { depth: 4 }), about?.());
  }
  pending.delete(id);
}

const watch = setInterval(() => {
  const stuck = [...pending.values()].filter(({ since }) => now() - since > SETTLES_MS);
  if (stuck.length === 0) return;
  console.log(`${stuck.length} calls have not settled:`, inspect(stuck.slice(0, 10).map(({ about, ...call }) => ({ ...call, about: about?.() })), { depth: 4 }));
  process.exit(3);
}, 1_000);

// Faults from outside: signals for a random child process.
const strikes = new Set();
const strike = setInterval(() => {
  const pids = children();
  if (pids.length === 0 || strikes.size === 0) return;
  const pid = signals.pick(pids);
  const signal = signals.pick(["SIGKILL", "SIGTERM", "SIGSTOP"]);
  for (const state of strikes) state.struck = true;
  const send = (each) => {
    try {
      process.kill(pid, each);
    } catch {
      // it has exited
    }
  };
  send(signal);
  if (signal === "SIGSTOP") setTimeout(() => send("SIGCONT"), 30);
}, 400);
strike.unref();

process.removeAllListeners("warning");
process.on("warning", () => {}); // pools warn of errors that belong to no call: they are intended here
process.on("unhandledRejection", (error) => problems.push(error));
process.on("uncaughtException", (error) => {
  problems.push(error);
  console.log("uncaught in the program:", inspect(error));
});

const kinds = [[4, "thread"], [2, "process"], [2, "inline"]];
let parts = 0;
const context = (hostile = []) => ({ random: random.fork(++parts), hostile, drive, strikes });

// What is loaded and started once is there before the measurement.
for (const kind of ["thread", "process", "inline"]) await generation(kind, 60, context());
for (let index = 0; index < 6; index += 1) await actor(5, context());
const before = measure();

const hostile = givenChanges === undefined ? names.filter(() => random.chance(0.25)) : givenChanges.split(",").filter((name) => name !== "none");
change(hostile);

/** The generations and actors of the round, in order. Two lanes make them. */
const steps = [];
for (let left = calls; left > 0; ) {
  const count = Math.min(left, 200 + random.below(1_200));
  if (random.chance(0.15)) steps.push([actor, 40, context(hostile)]);
  steps.push([generation, random.weighed(kinds), count, context(hostile)]);
  left -= count;
}
async function lane() {
  for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
    const [run, ...args] = step;
    await run(...args);
  }
}

console.log(`round ${seed}: ${calls} calls, globals changed: ${hostile.join(",") || "none"}`);
await Promise.all([lane(), lane()]);
clearInterval(strike);
clearInterval(watch);
try {
  await checkAgainst(before);
} catch (error) {
  problems.push(error);
  console.log(error);
}
if (process.env.OFFLOOP_SOAK_TALLY !== undefined) console.log(Object.fromEntries([...tally].sort()));
console.log(`round ${seed}: ${[...tally.values()].reduce((sum, each) => sum + each, 0)} settled, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
