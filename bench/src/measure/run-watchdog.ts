// The watchdog's bench is a program of its own, as what it measures is what a whole program costs. What
// it prints is part of the results.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../watchdog.js", import.meta.url));

/** Its other watchers are fetched at first use: without a registry they cannot be. */
const MOST_MS = 900_000;

/** @returns the output of the program. @throws Error the program failed */
export async function runWatchdog(rounds: number): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(rounds)], { timeout: MOST_MS });
  return stdout;
}
