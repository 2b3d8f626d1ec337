// Random programs of tasks, locks, queues, groups, scopes and calls under cancellations, in virtual time: every await
// settles, everything is given back, and a seed leaves the same trace each time. OFFLOOP_SOAK_SEED repeats a run; the
// seed is printed. `npm run soak` runs more.
import { expect, it } from "vitest";
import { runPrograms } from "./programs.mjs";
import { runProgram } from "./random-program.mjs";

const seed = Number(process.env["OFFLOOP_SOAK_SEED"] ?? Date.now() % 1_000_000);
/** Milliseconds after which no further program begins: on a busy machine the test runs fewer. */
const WITHIN_MS = 20_000;

it(`every await of 300 random programs settles (seed ${seed})`, async () => {
  console.info(`random programs: OFFLOOP_SOAK_SEED=${seed}`);
  const { programs, awaits, problems } = await runPrograms(seed, 300, WITHIN_MS);
  expect(problems).toEqual([]);
  expect(programs).toBeGreaterThan(0);
  expect(awaits).toBeGreaterThan(programs);
}, 60_000);

it("finds an await that nothing ends", async () => {
  const hung: string[] = [];
  for (let each = 1; each <= 20; each += 1) hung.push(...(await runProgram(each, false)).problems);
  expect(hung.join("\n")).toMatch(/never settled: .*(?:event|condition|get) \(\d+\) of /);
}, 60_000);
