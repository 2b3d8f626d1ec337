// `npm run toolchains`: builds the program of toolchains/program with each toolchain, against the packed packages, and
// runs what it gave in a folder of its own. `npm run toolchains -- vite` takes one. Those of `onEachNode` also run on the
// Nodes of `--node=<path>`. With those, it also fails where the table of docs/toolchains.md says something else, and
// `--write` writes the table.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { args, root, setup } from "./setup.mjs";
import { readRows, rowsOf, writeRows } from "./toolchains-table.mjs";

/** What the program must have printed, by what a user would miss. */
const checks = {
  "exported function": ({ exported }) => exported === 15,
  "inline arrow with a captured variable": ({ arrow }) => arrow === 9,
  "on a process": ({ process }) => process === 18,
  actor: ({ actor }) => actor === 5,
  "error with class name and code": ({ failure }) => failure.name === "WorkError" && failure.code === "E_WORK",
  "stack with the worker's and the caller's source lines": ({ failure }) => lineOf("throw new WorkError", "work.js").test(failure.stack) && lineOf("await toThread(fails)", "results.js").test(failure.stack),
  "the line that holds the loop": ({ stall }) => lineOf("performance.now() < end", "work.js").test(`${stall?.file}:${stall?.line}:`),
};

/** What test runners must have printed besides. */
const guardChecks = {
  "failOnStall with the line that holds the loop": ({ guard }) => /LoopHeldError/.test(guard) && lineOf("performance.now() < end", "work.js").test(guard),
};

const saysWhyNot = "says that it is not there";

/** What a program must have printed in Bun and Deno. A text is for the table: what is not there says so in one sentence. */
const checksBesideNode = {
  "exported function": ({ exported }) => exported === 15,
  "error with class name and code": ({ failure }) => failure.name === "WorkError" && failure.code === "E_WORK",
  "stack with the worker's and the caller's source lines": ({ failure }) => lineOf("throw new WorkError", "work.js").test(failure.stack) && "the worker's",
  "inline arrow with a captured variable": ({ arrow }) => arrow.name === "FunctionTravelError" && /(Bun|Deno) has no inspector/.test(arrow.message) && saysWhyNot,
  "on a process": ({ process }) => process === 18 || (/do not run under Bun/.test(process.message) && saysWhyNot),
  actor: ({ actor, actorOnProcess }) => actor === 5 && (actorOnProcess === 5 || (/do not run under Bun/.test(actorOnProcess.message) && "on threads")),
  "the line that holds the loop": ({ watchdog }) => watchdog.name === "WatchdogFailedError" && /(Bun|Deno) lets no thread/.test(watchdog.message) && saysWhyNot,
};

/** What a single executable application must have printed. Node applies no source map to the program that it contains. */
const checksOfExecutable = {
  ...checks,
  "stack with the worker's and the caller's source lines": ({ failure }) => /at fails \(.*program\.cjs:\d+:\d+\)[^]*at failure \(.*program\.cjs:\d+:\d+\)/.test(failure.stack) && "the bundle's",
};

/** What ts-node's command must have printed besides: here, on a thread, on a process. */
const optionChecks = {
  "options of the command and its tsconfig": ({ options }) => options.length === 3 && options.every((each) => each === "<b>hello</b>"),
};

/** What those must have printed besides whose compiled code has no file, or lies beside its source. */
const compiledChecks = {
  "stack of a function that travelled as code with its source lines": ({ arrowFailure }) => arrowFailure.name === "WorkError" && lineOf("throw new WorkError(`by", "results.js").test(arrowFailure.stack) && lineOf("failsAsCode(x)", "results.js").test(arrowFailure.stack),
};

/** Compile each module by itself. */
const compilers = ["tsx", "typescript", "ts-node", "vitest"];

/** Run tests in contexts of their own. */
const testRunners = ["jest", "vitest"];

/** Use parts of Node that differ between its versions. */
const onEachNode = [...testRunners, "tsx", "ts-node", "yarn", "file-tracing"];

/** Need a later Node than the oldest that is supported. */
const onLaterNodes = ["single-executable"];

/** Build on all cores for many seconds, so they are tried after the others. The watchdog reports no delay that is a wait for a CPU. */
const byThemselves = ["next"];

const moreNodes = args.filter((arg) => arg.startsWith("--node=")).map((arg) => resolve(arg.slice("--node=".length)));
const chosen = args.filter((arg) => !arg.startsWith("--"));

/** The number of toolchains that are tried at a time. Installs mostly wait for the registry and the disk. */
const AT_ONCE = 2;

setup();
const folder = mkdtempSync(join(tmpdir(), "offloop-toolchains-"));
let failures = 0;
/** The rows of the table that this run found. */
const rows = new Map();
try {
  const tarballs = await pack();
  const named = chosen.length > 0 ? chosen : listToolchains();
  const waiting = named.filter((name) => !byThemselves.includes(name));
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await tryToolchain(name, tarballs);
  }));
  for (const name of named.filter((each) => byThemselves.includes(each))) await tryToolchain(name, tarballs);
} finally {
  rmSync(folder, { recursive: true });
}
if (moreNodes.length > 0 && failures === 0) compareRows();
process.exitCode = failures === 0 ? 0 : 1;

/** Compares what was found with what the page says. */
function compareRows() {
  const written = readRows();
  if (args.includes("--write")) return writeRows(new Map([...written, ...rows]));
  const all = chosen.length > 0 ? rows : new Map([...[...written.keys()].map((name) => [name, undefined]), ...rows]);
  for (const [name, row] of all) {
    if (written.get(name) === row) continue;
    console.log(`docs/toolchains.md is not what was found for ${name}. Run: npm run toolchains -- --write --node=<path of each later Node>\n${row}`);
    failures += 1;
  }
}

function listToolchains() {
  return readdirSync(join(root, "toolchains")).filter((name) => name !== "program" && !name.includes("."));
}

async function pack() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const packed = join(folder, "packed");
  for (const name of readdirSync(join(root, "packages"))) await run("npx", ["--yes", "--loglevel=error", packageManager, "--dir", join(root, "packages", name), "pack", "--pack-destination", packed], root);
  return readdirSync(packed).map((name) => join(packed, name));
}

async function tryToolchain(name, tarballs) {
  const project = join(folder, name);
  cpSync(join(root, "toolchains", name), project, { recursive: true });
  cpSync(join(root, "toolchains/program"), join(project, "program"), { recursive: true });
  // Not `--prefer-offline`: npm leaves an optional dependency out, silently, if its cached manifest is older than the release.
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], project);
  await run(process.execPath, ["build.mjs"], project);
  const found = {};
  for (const output of readdirSync(join(project, "dist"))) {
    const alone = join(folder, "outputs", `${name}-${output}`);
    mkdirSync(join(folder, "outputs"), { recursive: true });
    renameSync(join(project, "dist", output), alone);
    const main = readdirSync(alone).find((file) => /^main\.[cm]?js$/.test(file));
    for (const node of onLaterNodes.includes(name) ? moreNodes : [process.execPath, ...(onEachNode.includes(name) ? moreNodes : [])]) {
      const result = JSON.parse(await run(node, ["--enable-source-maps", main], alone));
      const version = (await run(node, ["--version"], alone)).trim();
      const outcomes = outcomesOf(result, name === "runtimes" ? checksBesideNode : name === "single-executable" ? checksOfExecutable : { ...checks, ...(testRunners.includes(name) ? guardChecks : {}), ...(name === "ts-node" ? optionChecks : {}), ...(compilers.includes(name) ? compiledChecks : {}) });
      report(`${name} (${output}) on Node ${version}`, result, outcomes);
      (found[output] ??= {})[version.slice(1).split(".")[0]] = outcomes;
    }
  }
  for (const [title, row] of rowsOf(name, found)) rows.set(title, row);
}

/** What each check gives: `true`, or what the table says instead; else it is missing. */
function outcomesOf(result, checks) {
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, check(result)]));
}

function report(what, result, outcomes) {
  const missing = Object.keys(outcomes).filter((name) => !outcomes[name]);
  console.log(`${what}: ${missing.length === 0 ? "ok" : `missing: ${missing.join("; ")}\n${JSON.stringify(result, undefined, 2)}`}`);
  failures += missing.length;
}

/** Matches a frame at the line of the program's source that has this text. */
function lineOf(text, file) {
  const line = readFileSync(join(root, "toolchains/program", file), "utf8").split("\n").findIndex((each) => each.includes(text)) + 1;
  return new RegExp(`program/${file.replace(".js", "\\.[jt]s")}:${line}:`);
}

/** Runs a command. @returns what it printed */
async function run(command, given, cwd) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    return (await promisify(execFile)(command, given, { cwd, env, timeout: 300_000, maxBuffer: 2 ** 26 })).stdout;
  } catch ({ code, signal, stdout, stderr }) {
    throw new Error(`${command} ${given.join(" ")} in ${cwd} ended with ${code ?? signal}:\n${stdout}${stderr}`);
  }
}
