// Milliseconds of processor time that the main thread has used: not the workers', whose time the
// process's own figure includes.
import { readFileSync } from "node:fs";

type ThreadCpuUsage = () => { user: number; system: number };

/** `undefined` where the system cannot tell: Node before 23.9 on anything but Linux. */
export function mainThreadCpuMs(): number | undefined {
  const usage = (process as { threadCpuUsage?: ThreadCpuUsage }).threadCpuUsage?.();
  if (usage !== undefined) return (usage.user + usage.system) / 1_000;
  if (process.platform !== "linux") return undefined;
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}
