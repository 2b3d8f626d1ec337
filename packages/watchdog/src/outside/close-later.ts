// The program of the process that open-inspector.ts leaves behind if native code holds the target: SIGUSR1 was sent, and
// takes effect when that code returns. The inspector must not stay open then.
import { setTimeout as pause } from "node:timers/promises";
import { closeInspector, connectToFirst } from "./open-inspector.js";
import { listeningPorts } from "./sockets.js";
import { isAlive } from "./target.js";

const LOOK_MS = 200;

/** The longest time that this process waits. A guess: longer than what holds a process that somebody looks after. */
const LONGEST_MS = 3_600_000;

/** @param before the ports on which the process listened before */
export async function closeWhenOpen(pid: number, startTicks: string, before: readonly number[]): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  while (performance.now() < until && isAlive({ pid, startTicks })) {
    const client = await connectToFirst([...listeningPorts(pid)].filter((port) => !before.includes(port)), pid);
    if (client !== undefined) return await closeInspector(client);
    await pause(LOOK_MS);
  }
}
