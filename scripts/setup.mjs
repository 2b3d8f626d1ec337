// Makes a fresh clone ready to use. Needs only Node and npm. Installs the locked dependencies with the
// pinned pnpm unless they are installed already, and builds the files that are out of date.
// start.mjs, test.mjs, bench.mjs and soak.mjs call it. `npm run setup` does nothing else.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
/** The arguments for the program that is run. Of `start -- --json`, npm removes the `--` and pnpm passes it on. */
export const args = process.argv.slice(process.argv[2] === "--" ? 3 : 2);
const stampFile = join(root, "node_modules", ".offloop-install");

/** Installs and builds. When a step fails, the process ends with the step's exit code. */
export function setup() {
  requireNode();
  const installed = install();
  if (installed) console.error("Building…");
  step("build", [process.execPath, join(root, "scripts/build.mjs")]);
}

function requireNode() {
  if (!/^(1?\d|20\.\d|20\.1[0-8]|21|22\.\d|22\.1[01])\./.test(process.versions.node)) return;
  fail(`offloop needs Node.js 20.19, 22.12 or later, and this is ${process.versions.node}. Install a newer Node.js.`);
}

/** @returns whether it installed anything. */
function install() {
  const wanted = digestOfManifests();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return false;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.error(`Installing dependencies (${packageManager})…`);
  step("install", ["npx", "--yes", "--loglevel=error", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"]);
  writeFileSync(stampFile, wanted);
  return true;
}

/** A digest of all files that an install depends on: the lockfile, the workspace file and each package's manifest. */
function digestOfManifests() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...workspaceManifests()]) {
    const path = join(root, file);
    hash.update(`${file}\0`).update(existsSync(path) ? readFileSync(path) : "\0");
  }
  return hash.digest("hex");
}

/** The manifests of the folders that pnpm-workspace.yaml lists: `packages/*` for all below it, or one folder. */
export function workspaceManifests() {
  const listed = [...readFileSync(join(root, "pnpm-workspace.yaml"), "utf8").matchAll(/^ {2}- (\S+)$/gm)].map(([, pattern]) => pattern);
  const below = (parent) => readdirSync(join(root, parent), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  return listed.flatMap((pattern) => (pattern.endsWith("/*") ? below(pattern.slice(0, -2)) : [pattern])).map((folder) => join(folder, "package.json"));
}

/** Runs one step. Shows its output only when it fails. */
function step(name, [command, ...args]) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32" && command === "npx",
    env: { ...process.env, npm_config_loglevel: "error" },
  });
  if (status === 0) return;
  fail(`${name} failed${error ? `: ${error.message}` : ""}\n${stdout ?? ""}${stderr ?? ""}`.trimEnd(), status ?? 1);
}

/** Runs a command in the foreground, passes signals on to it, and ends with its exit code. */
export function exec(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => fail(`${command} could not be started: ${error.message}`));
  child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) setup();
