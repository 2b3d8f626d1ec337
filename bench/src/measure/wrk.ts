// Runs wrk, if it is installed: as many light requests as the server can answer, and their latencies.
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const CONNECTIONS = 10;

export interface WrkResult {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** `wrk -v` prints its version and exits with an error code. */
export function hasWrk(): boolean {
  return spawnSync("wrk", ["-v"]).error === undefined;
}

/** @throws Error where a request failed */
export async function shootWithWrk(url: string, seconds: number): Promise<WrkResult> {
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency", url]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`);
  const percentile = (percent: number): number => {
    const [, value, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s)$`, "m").exec(stdout) ?? [];
    return Number(value) * { us: 0.001, ms: 1, s: 1_000 }[unit as "us" | "ms" | "s"];
  };
  return { p50: percentile(50), p99: percentile(99), perSecond: Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)![1]) };
}
