// The CPU time of the main thread, in milliseconds. `process.cpuUsage()` would include that of the workers.
import { readFileSync } from "node:fs";

type ThreadCpuUsage = () => { user: number; system: number };

/** @returns `undefined` where it cannot be measured: on Node before 23.9, except on Linux */
export function mainThreadCpuMs(): number | undefined {
  const usage = (process as { threadCpuUsage?: ThreadCpuUsage }).threadCpuUsage?.();
  if (usage !== undefined) return (usage.user + usage.system) / 1_000;
  if (process.platform !== "linux") return undefined;
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}
