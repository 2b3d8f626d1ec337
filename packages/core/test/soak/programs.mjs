// Runs random programs one after another, each twice: `npm run soak` and the tests use it.
//
//   node programs.mjs <seed> <count>
import { fileURLToPath } from "node:url";
import { runProgram } from "./random-program.mjs";

/**
 * Runs the programs of `count` seeds, from `first`.
 * @param withinMs no program begins later
 * @returns how many were run, how many awaits they made, and what is wrong
 */
export async function runPrograms(first, count, withinMs = Infinity) {
  const until = performance.now() + withinMs;
  const problems = [];
  let [programs, awaits] = [0, 0];
  for (; programs < count && performance.now() < until; programs += 1) {
    const seed = first + programs;
    const [once, again] = [await runProgram(seed), await runProgram(seed)];
    awaits += once.trace.length;
    for (const problem of once.problems) problems.push(`seed ${seed}: ${problem}`);
    if (once.trace.join("\n") !== again.trace.join("\n")) problems.push(`seed ${seed}: another trace the second time`);
  }
  return { programs, awaits, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first, count] = process.argv.slice(2).map(Number);
  const { programs, awaits, problems } = await runPrograms(first, count);
  for (const problem of problems) console.log(problem);
  console.log(`programs from seed ${first}: ${programs} programs with ${awaits} awaits, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
