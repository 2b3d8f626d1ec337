// Runs the same jobs in four arrangements, and prints what happened. `--check` fails if the example does not show what it says.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import { startRedis } from "../../../scripts/servers.mjs";

type Kind = "inline" | "processes" | "threads" | "offloop";

const check = process.argv.includes("--check");
const folder = mkdtempSync(join(tmpdir(), "offloop-bullmq-cpu-"));
const redis = await startRedis();
const runs = (file: string): number => readFileSync(file, "utf8").trim().split(" ").length;
let names = 0;

/** An arrangement in a program of its own, and its queue. */
async function open(kind: Kind) {
  const name = `${kind}-${(names += 1)}`;
  const queue = new Queue(name, { connection: { url: redis.url } });
  const child = spawn(process.execPath, [fileURLToPath(new URL("./arrangement.js", import.meta.url)), kind, name, redis.url], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout!).on("line", (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (condition() && waiting.delete(look)) resolve();
      };
      waiting.add(look);
      look();
    });
  await until(() => lines.includes("serving"));
  return {
    kind, queue, child, lines, until,
    async [Symbol.asyncDispose]() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.stdin!.end();
      await exited;
      await queue.close();
    },
  };
}

type Arrangement = Awaited<ReturnType<typeof open>>;
const count = ({ lines }: Arrangement, event: string): number => lines.filter((line) => line.startsWith(`${event} `)).length;

/** The resident memory of a program and its children, in MiB: shared pages count once in each process. */
function memory({ pid }: ChildProcess): number {
  const family = (parent: number): number[] => [parent, ...readdirSync("/proc").filter((id) => parentOf(id) === parent).flatMap((id) => family(Number(id)))];
  return family(pid!).reduce((sum, id) => sum + Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]) / 1024, 0);
}

function parentOf(id: string): number | undefined {
  if (!/^\d+$/.test(id)) return undefined;
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has ended
  }
}

/** Milliseconds for which a busy machine may hold a program that leaves its own loop free: half of the time between two renewals of a lock. */
const HELD_MS = 250;

/** The long job, once more each time that the machine, and not the job, kept the program from renewing the lock. */
async function longJob(kind: Kind) {
  for (let attempt = 1; ; attempt += 1) {
    const { heldMs, ...seen } = await longJobOnce(kind, join(folder, `long-${kind}-${attempt}`));
    if (kind === "inline" || seen.stalled === 0 || heldMs < HELD_MS || attempt === 5) return seen;
  }
}

/** A job that computes for three times its lock. */
async function longJobOnce(kind: Kind, file: string) {
  await using arrangement = await open(kind);
  await arrangement.queue.add("compute", { ms: 3_000, file }, { jobId: "long" });
  for (;;) {
    const state = await arrangement.queue.getJobState("long");
    if (state === "completed" || state === "failed") break;
    await sleep(20);
  }
  const state = await arrangement.queue.getJobState("long");
  arrangement.child.stdin!.write("delay\n");
  await arrangement.until(() => count(arrangement, "delay") > 0);
  const heldMs = Number(arrangement.lines.findLast((line) => line.startsWith("delay "))?.slice("delay ".length));
  return { state, runs: runs(file), stalled: count(arrangement, "stalled"), heldMs };
}

/** Milliseconds from the cancellation of a running job to its end. */
async function cancelled(kind: Kind, task: string): Promise<number> {
  await using arrangement = await open(kind);
  const file = join(folder, `cancelled-${kind}-${task}`);
  await arrangement.queue.add(task, { ms: 3_000, file }, { jobId: "cancelled" });
  while (!readdirSync(folder).includes(`cancelled-${kind}-${task}`)) await sleep(5);
  const started = performance.now();
  arrangement.child.stdin!.write("cancel cancelled\n");
  await arrangement.until(() => count(arrangement, "completed") + count(arrangement, "failed") > 0);
  return performance.now() - started;
}

/** Jobs a second, and the memory with eight workers that have run jobs. */
async function smallJobs(kind: Kind, total: number) {
  await using arrangement = await open(kind);
  const add = (jobs: number): Promise<unknown> => arrangement.queue.addBulk(Array.from({ length: jobs }, (_, n) => ({ name: "small", data: { n }, opts: { removeOnComplete: true } })));
  await add(200); // starts the threads or processes
  await arrangement.until(() => count(arrangement, "completed") === 200);
  const started = performance.now();
  await add(total);
  await arrangement.until(() => count(arrangement, "completed") === 200 + total);
  return { jobsPerSecond: (total * 1_000) / (performance.now() - started), memory: memory(arrangement.child) };
}

const kinds: Kind[] = ["inline", "processes", "threads", "offloop"];
const rows: Record<string, Record<string, unknown>> = {};
for (const kind of kinds) {
  const long = await longJob(kind);
  const { jobsPerSecond, memory: mebibytes } = await smallJobs(kind, check ? 500 : 5_000);
  rows[kind] = { "3 s of CPU": long.state, runs: long.runs, stalled: long.stalled, "jobs/s": Math.round(jobsPerSecond), "memory, MiB": Math.round(mebibytes) };
  if (kind === "inline") continue;
  rows[kind]["cancel, ms"] = Math.round(await cancelled(kind, "compute"));
  if (kind === "offloop") rows[kind]["cancel, looking, ms"] = Math.round(await cancelled(kind, "computeLooking"));
}
console.table(rows);
await redis.stop();
rmSync(folder, { recursive: true });

if (check) {
  const { inline, processes, threads, offloop } = rows as Record<Kind, Record<string, any>>;
  const shown: [string, boolean][] = [
    ["in place, the job runs twice and fails", inline["3 s of CPU"] === "failed" && inline.runs === 2],
    ["on the pool, the job runs once and does not stall", offloop["3 s of CPU"] === "completed" && offloop.runs === 1 && offloop.stalled === 0],
    ["on the pool, a cancelled job ends long before one in the sandbox, which computes to its end", Math.max(offloop["cancel, ms"], offloop["cancel, looking, ms"]) * 2 < Math.min(threads["cancel, ms"], processes["cancel, ms"])],
    ["on the pool, memory is below that of sandboxed processes", offloop["memory, MiB"] < processes["memory, MiB"]],
  ];
  for (const [statement, holds] of shown) console.log(`${holds ? "ok" : "NOT OK"}: ${statement}`);
  process.exit(shown.every(([, holds]) => holds) ? 0 : 1);
}
