// `npm run diagnosis`: installs real programs, runs each with the watchdog and with V8's CPU profiler, and compares what
// the two say of every stall.
//
//   npm run diagnosis                        all programs
//   npm run diagnosis -- express koa         those whose names contain one of the words
//   npm run diagnosis -- --quick             those that continuous integration runs; fails if one is told wrong three times
//   npm run diagnosis -- --write             all programs; writes the table of docs/watchdog.md
//   npm run diagnosis -- --stored            judges the last run again
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compare } from "./compare.mjs";
import { expectedOf, readProfile } from "./expect.mjs";
import { readPrograms } from "./header.mjs";
import { ownFiles, readRun, runProgram } from "./run.mjs";
import { faultsOf, isRight, writeTable } from "./table.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".ci/diagnosis");
const words = process.argv.slice(2);
const options = new Set(words.filter((word) => word.startsWith("--")));
const names = words.filter((word) => !word.startsWith("--"));

/** Of the stalls of a program, the longest are judged. */
const MOST_STALLS = 4;

/** A shorter stretch has too few samples to be judged by. */
const LEAST_SAMPLED_MS = 80;

/** A program that got no CPU runs again. In continuous integration, one that was told wrong does too: on a busy machine, few samples are taken. */
const MOST_RUNS = 3;

async function install(programs) {
  const wanted = [...new Set(programs.flatMap(({ packages }) => packages))].toSorted();
  const stamp = join(folder, "installed.json");
  const installed = existsSync(stamp) ? JSON.parse(readFileSync(stamp, "utf8")) : [];
  if (wanted.every((spec) => installed.includes(spec))) return;
  mkdirSync(folder, { recursive: true });
  if (installed.length === 0) writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const all = [...new Set([...installed, ...wanted])];
  await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", "--loglevel=error", "--prefix", folder, ...all], { maxBuffer: 2 ** 26 });
  writeFileSync(stamp, JSON.stringify(all));
}

/** @returns a row for each stall that is judged */
async function judge(program) {
  if (!options.has("--stored")) await runProgram(program, folder);
  const { loadedAt, lines, profile } = readRun(program, folder);
  const epochMs = loadedAt.epochMs - loadedAt.monotonicMs;
  const { between, functions } = readProfile(profile, (url) => ownFiles.some((part) => url.includes(part)) || url === "offloop:probe");
  const stalls = lines.filter(({ event, kind, startedAt }) => event === "stall-end" && kind !== "starved" && startedAt >= loadedAt.fromMs).toSorted((a, b) => b.durationMs - a.durationMs).slice(0, MOST_STALLS);
  const rows = stalls.flatMap((stall) => {
    const from = stall.startedAt - epochMs;
    const expected = expectedOf(between(from, from + stall.durationMs));
    return expected.totalMs < LEAST_SAMPLED_MS ? [] : [{ program, stall, faults: compare(stall, expected, program, functions) }];
  });
  if (rows.length > 0) return rows;
  const isStarved = lines.some(({ event, kind }) => event === "stall-end" && kind === "starved");
  return [{ program, isStarved, faults: { place: isStarved ? "the program waited for a CPU" : "no stall was reported" } }];
}

async function judgeOften(program) {
  for (let run = 1; ; run++) {
    const rows = await judge(program).catch((error) => [{ program, faults: { program: String(error) } }]);
    if (run === MOST_RUNS || options.has("--stored") || !(options.has("--quick") ? !rows.every(isRight) : rows[0].isStarved)) return rows;
  }
}

function print(row) {
  const { program, stall } = row;
  console.log(`${isRight(row) ? "ok  " : "MISS"} ${program.name}${stall ? `  ${Math.round(stall.durationMs)} ms, ${stall.kind}${stall.phase === "startup" ? " at start-up" : ""}, ${stall.samples} samples, ${stall.place?.function || "(unnamed)"}` : ""}`);
  for (const [what, fault] of faultsOf(row)) console.log(`       ${what}: ${fault}`);
}

const unknown = [...options].find((option) => !["--quick", "--write", "--stored"].includes(option));
if (unknown !== undefined) throw new Error(`unknown option ${unknown}; npm run diagnosis takes --quick, --write, --stored, and parts of names`);
const programs = readPrograms(fileURLToPath(new URL("programs", import.meta.url))).filter(({ name, isQuick }) => (names.length === 0 || names.some((word) => name.includes(word))) && (isQuick || !options.has("--quick")));
if (programs.length === 0) throw new Error(`no program is named ${names.join(" or ")}`);
await install(programs);
const rows = [];
for (const program of programs) {
  const judged = await judgeOften(program);
  judged.forEach(print);
  rows.push(...judged);
}
console.log(`${rows.filter(isRight).length} of ${rows.length} stalls of ${programs.length} programs are told right`);
if (options.has("--write")) writeTable(join(root, "docs/watchdog.md"), rows);
if (rows.some(({ faults }) => faults.program !== undefined) || (options.has("--quick") && !rows.every(isRight))) process.exitCode = 1;
