// Runs a program with the watchdog and with V8's CPU profiler at once, so that both tell of the same stalls.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const register = new URL("../packages/watchdog/dist/register.js", import.meta.url).href;
const preload = new URL("preload.mjs", import.meta.url).href;

/** Frames in these files are the judge's and the watchdog's. */
export const ownFiles = [fileURLToPath(preload), fileURLToPath(new URL("../packages/", import.meta.url))];

const profileName = "run.cpuprofile";
const eventsName = "stalls.jsonl";

/** A program that has not ended by then is stuck. */
const LONGEST_RUN_MS = 120_000;

/** Between two requests the loop turns, so that each stall has its end. */
const PAUSE_MS = 150;

/** Each request is made this often. */
const ROUNDS = 2;

/** Runs a program. @param folder where the packages are installed @throws if the program, or a request to it, failed */
export async function runProgram({ name, file, command, requests, inputs }, folder) {
  const copy = join(folder, basename(file));
  const out = outOf(name, folder);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  copyFileSync(file, copy);
  // Many tools leave out what lies below node_modules.
  mkdirSync(join(folder, "input"), { recursive: true });
  for (const input of inputs) copyFileSync(join(folder, "node_modules", input), join(folder, "input", basename(input)));
  const [script, ...args] = command === undefined ? [copy] : [join(folder, "node_modules", command[0]), ...command.slice(1).map((word) => word.replace("{file}", copy))];
  const child = spawn(process.execPath, ["--import", preload, "--import", register, "--cpu-prof", "--cpu-prof-dir", out, "--cpu-prof-name", profileName, script, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_ENV: "development", OFFLOOP_REPORT: "silent", OFFLOOP_SUMMARY: "false", OFFLOOP_JSON_FILE: join(out, eventsName), ...(command && { OFFLOOP_STARTUP_THRESHOLD_MS: "300" }) },
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
  const port = portOf(child);
  const exit = new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  const timeout = setTimeout(() => child.kill("SIGKILL"), LONGEST_RUN_MS);
  let failure;
  const loadedAt = { fromMs: 0, epochMs: Date.now(), monotonicMs: Number(process.hrtime.bigint()) / 1e6 };
  if (requests.length > 0) {
    failure = await load(requests, await Promise.race([port, exit.then(() => undefined)]), () => (loadedAt.fromMs = Date.now())).catch((error) => String(error.cause ?? error));
    child.kill("SIGTERM");
  }
  const code = await exit;
  clearTimeout(timeout);
  if (failure !== undefined) throw new Error(`${name}: ${failure}\n${errors}`);
  if (!existsSync(join(out, profileName))) throw new Error(`${name} ended with ${code} and without a profile:\n${errors}`);
  writeFileSync(join(out, "loaded-at.json"), JSON.stringify(loadedAt));
}

/** What the last run of a program left: when its load began, the events of the watchdog, and V8's profile. */
export function readRun({ name }, folder) {
  const out = outOf(name, folder);
  const read = (file) => readFileSync(join(out, file), "utf8");
  const lines = existsSync(join(out, eventsName)) ? read(eventsName).trim().split("\n").map((line) => JSON.parse(line)) : [];
  return { loadedAt: JSON.parse(read("loaded-at.json")), lines, profile: JSON.parse(read(profileName)) };
}

function outOf(name, folder) {
  return join(folder, "out", name);
}

/** The port that the program prints. */
function portOf(child) {
  return new Promise((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text = (text + chunk).slice(-10_000);
      const found = /^port (\d+)$/m.exec(text);
      if (found) resolve(Number(found[1]));
    });
  });
}

/** @returns what failed, if a request did */
async function load(requests, port, begins) {
  if (port === undefined) return "the program ended before it listened";
  // The code that starts the program, and the watchdog's first half second, are over.
  await sleep(700);
  begins();
  for (let round = 0; round < ROUNDS; round++) {
    for (const request of requests) {
      const [method, path] = request.split(" ");
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      const text = await response.text();
      if (!response.ok) return `${request}: ${response.status} ${text.slice(0, 200)}`;
      await sleep(PAUSE_MS);
    }
  }
  return undefined;
}
