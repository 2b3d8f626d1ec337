// One measurement of the cost of a watcher: a process of its own (watchdog-child.ts), in which one workload runs.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { load } from "./watchdog-load.js";
import { peersFolder } from "./watchdog-peers.js";

const child = fileURLToPath(new URL("./watchdog-child.js", import.meta.url));

/** Runs a workload. Returns the milliseconds of CPU time that the main thread used. */
export async function cost(contender: string, workload: string): Promise<number> {
  const running = start(contender, workload);
  running.process.stderr.resume();
  let figure = Number.NaN;
  for await (const line of running.lines) {
    const [word, value] = line.split(" ");
    if (word === "port") void load(Number(value)).then(() => running.process.stdin.write("done\n"));
    if (word === "cpu") figure = Number(value);
  }
  return figure;
}

/** Starts a measurement. */
export function start(contender: string, workload: string, env: Record<string, string> = {}) {
  const running = spawn(process.execPath, [child, contender, workload, peersFolder], { stdio: "pipe", env: { ...process.env, NODE_ENV: "development", ...env } });
  return { process: running, lines: createInterface({ input: running.stdout }) };
}
