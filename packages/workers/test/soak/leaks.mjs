// What a program holds. Linux only: elsewhere just what Node tells.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const { setTimeout } = globalThis;
const now = performance.now.bind(performance);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

/** How long what is ended may take to be gone, in milliseconds. */
const PATIENCE_MS = 10_000;

/** The largest growth of the heap. It does not depend on the number of calls. */
const HEAP_BYTES = 60 * 2 ** 20;

/** The pids of child processes, without the shell that watches over them. */
export function children() {
  if (!existsSync("/proc/self/task")) return [];
  const tasks = readdirSync("/proc/self/task");
  const pids = tasks.flatMap((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean);
    } catch {
      return []; // the thread has ended
    }
  });
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, "utf8").trim() !== "sh";
    } catch {
      return false; // the process has ended
    }
  }).map(Number);
}

/** Node before 24 leaves the file of a module open if its thread ends while Node reads the module. */
const leavesModulesOpen = Number(process.versions.node.split(".")[0]) < 24;

/** What the open descriptors are: sockets, pipes, files. */
function descriptors() {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]/, "");
      return leavesModulesOpen && /\.m?js$/.test(path) ? [] : [`descriptor of ${path}`];
    } catch {
      return []; // it was closed meanwhile
    }
  });
}

function held() {
  const counts = { children: children().length };
  if (existsSync("/proc/self/fd")) {
    for (const name of descriptors()) counts[name] = (counts[name] ?? 0) + 1;
    counts.threads = readdirSync("/proc/self/task").length;
  }
  for (const name of process.getActiveResourcesInfo()) counts[`active ${name}`] = (counts[`active ${name}`] ?? 0) + 1;
  for (const name of process.eventNames()) counts[`listeners of ${String(name)}`] = process.listenerCount(name);
  return counts;
}

export function measure() {
  collectGarbage();
  return { counts: held(), heap: process.memoryUsage().heapUsed };
}

/** @throws Error the program holds more than before, and goes on doing so */
export async function checkAgainst(before) {
  let grown;
  for (const until = now() + PATIENCE_MS; now() < until; ) {
    grown = Object.entries(held()).filter(([name, count]) => name !== "active Timeout" && count > (before.counts[name] ?? 0));
    if (grown.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (grown.length > 0) throw new Error(`leaked: ${grown.map(([name, count]) => `${name} ${before.counts[name] ?? 0} → ${count}`).join(", ")}`);
  collectGarbage();
  const heap = process.memoryUsage().heapUsed - before.heap;
  if (heap > HEAP_BYTES) throw new Error(`leaked: ${Math.round(heap / 2 ** 20)} MiB of heap`);
}
