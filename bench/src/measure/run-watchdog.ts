// Runs the watchdog's bench. It is a separate program, because it measures the cost of whole programs. Its
// output becomes part of the results.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../watchdog.js", import.meta.url));

/** The time limit of the program, which also installs the other watchers at its first run. */
const MOST_MS = 900_000;

/** @returns the program's output. @throws Error the program failed */
export async function runWatchdog(rounds: number): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(rounds)], { timeout: MOST_MS });
  return stdout;
}
