// `npm run toolchains`: builds the program of toolchains/program with each toolchain, against the packed packages, and
// runs what it gave in a folder of its own. `npm run toolchains -- vite` takes one.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { args, root, setup } from "./setup.mjs";

/** What the program must have printed, by what a user would miss. */
const checks = {
  "exported function": ({ exported }) => exported === 15,
  "inline arrow with a captured variable": ({ arrow }) => arrow === 9,
  "on a process": ({ process }) => process === 18,
  actor: ({ actor }) => actor === 5,
  "error with class name and code": ({ failure }) => failure.name === "WorkError" && failure.code === "E_WORK",
  "stack with the worker's and the caller's source lines": ({ failure }) => lineOf("throw new WorkError", "work.js").test(failure.stack) && lineOf("await toThread(fails)", "main.js").test(failure.stack),
  "the line that holds the loop": ({ stall }) => lineOf("performance.now() < end", "work.js").test(`${stall.file}:${stall.line}:`),
};

setup();
const folder = mkdtempSync(join(tmpdir(), "offloop-toolchains-"));
let failures = 0;
try {
  const tarballs = pack();
  for (const toolchain of args.length > 0 ? args : listToolchains()) tryToolchain(toolchain, tarballs);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failures === 0 ? 0 : 1;

function listToolchains() {
  return readdirSync(join(root, "toolchains")).filter((name) => name !== "program" && !name.includes("."));
}

function pack() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const packed = join(folder, "packed");
  for (const name of readdirSync(join(root, "packages"))) run("npx", ["--yes", "--loglevel=error", packageManager, "--dir", join(root, "packages", name), "pack", "--pack-destination", packed], root);
  return readdirSync(packed).map((name) => join(packed, name));
}

function tryToolchain(name, tarballs) {
  const project = join(folder, name);
  cpSync(join(root, "toolchains", name), project, { recursive: true });
  cpSync(join(root, "toolchains/program"), join(project, "program"), { recursive: true });
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], project);
  run(process.execPath, ["build.mjs"], project);
  for (const output of readdirSync(join(project, "dist"))) {
    const alone = join(folder, "outputs", `${name}-${output}`);
    mkdirSync(join(folder, "outputs"), { recursive: true });
    renameSync(join(project, "dist", output), alone);
    const main = readdirSync(alone).find((file) => /^main\.[cm]?js$/.test(file));
    const result = JSON.parse(run(process.execPath, ["--enable-source-maps", main], alone));
    const missing = Object.entries(checks).filter(([, holds]) => !holds(result)).map(([what]) => what);
    console.log(`${name} (${output}): ${missing.length === 0 ? "ok" : `missing: ${missing.join("; ")}\n${JSON.stringify(result, undefined, 2)}`}`);
    failures += missing.length;
  }
}

/** Matches a frame at the line of the program's source that has this text. */
function lineOf(text, file) {
  const line = readFileSync(join(root, "toolchains/program", file), "utf8").split("\n").findIndex((each) => each.includes(text)) + 1;
  return new RegExp(`program/${file.replace(".", "\\.")}:${line}:`);
}

/** Runs a command. @returns what it printed */
function run(command, given, cwd) {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, given, { cwd, env, encoding: "utf8", timeout: 180_000 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${given.join(" ")} in ${cwd} ended with ${status ?? error}:\n${stdout}${stderr}`);
}
