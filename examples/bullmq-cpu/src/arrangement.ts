// One way of running jobs: a program of its own, so that a blocked thread and its memory are its own too. It prints a line
// when it serves, and obeys lines on its input: `cancel <job>`, and `delay`, which prints how long its loop was held at most.
//
//   node arrangement.js <inline|processes|threads|offloop> <queue> <redis url>
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { offloopProcessor } from "@offloop/bullmq";
import { Worker, type WorkerOptions } from "bullmq";
import { ThreadPoolExecutor } from "offloop";
import { compute, computeLooking, small } from "./tasks.js";

const [kind = "", queue = "", url = ""] = process.argv.slice(2);
const options: WorkerOptions = { connection: { url }, concurrency: 8, lockDuration: 1_000, stalledInterval: 500, maxStalledCount: 1 };
const sandbox = new URL("./sandboxed.js", import.meta.url);

async function start(): Promise<Worker> {
  if (kind === "inline") return new Worker(queue, async (job) => (job.name === "small" ? small(job.data) : compute(job.data)), options);
  if (kind !== "offloop") return new Worker(queue, sandbox, { ...options, useWorkerThreads: kind === "threads" });
  const pool = new ThreadPoolExecutor({ maxWorkers: 8 });
  await pool.warmUp(8); // the sandbox keeps eight children too, once it has run eight jobs at a time
  return new Worker(queue, offloopProcessor(pool.with({ graceMs: 300 }), { compute, computeLooking, small }), options);
}

const worker = await start();
worker.on("error", () => {});
worker.on("stalled", (id) => console.log(`stalled ${id}`));
for (const event of ["completed", "failed"] as const) worker.on(event, (job: { id?: string } | undefined) => console.log(`${event} ${job?.id}`));
await worker.waitUntilReady();
const delay = monitorEventLoopDelay();
delay.enable();
console.log("serving");
createInterface(process.stdin)
  .on("line", (line) => console.log(line === "delay" ? `delay ${Math.round(delay.max / 1e6)}` : `told ${worker.cancelJob(line.slice("cancel ".length), "not needed")}`))
  .on("close", () => process.exit(0));
