// offloopProcessor: a BullMQ processor that runs each job on an offloop pool.
//
//   Redis ──▶ BullMQ's Worker ──▶ processor ── submit ──▶ thread or process of the pool
//                 renews locks on this thread, which stays free
import { type CallOptions, checkOptions, type Executor, invalidArgument, isError, type ModuleExport, textOf } from "@offloop/workers/executor";
import { type Job, type Processor, UnrecoverableError } from "bullmq";
import type { JobInfo } from "../job/index.js";
import { JobReports } from "./job-reports.js";
import { whenLost } from "./lost-jobs.js";

/** A function that runs jobs: it gets the job's data, and what identifies the job. */
export type JobFunction = (data: any, job: JobInfo) => unknown;

/** A function that runs jobs, with options for its calls. */
export interface ConfiguredJobTask<F extends JobFunction | ModuleExport = JobFunction | ModuleExport> extends Omit<CallOptions, "signal" | "onProgress" | "transfer"> {
  /** The function: anything that the pool can `submit`. */
  readonly run: F;
}

/** What runs the jobs of one name. */
export type JobTask = JobFunction | ModuleExport | ConfiguredJobTask;

type FunctionOf<T> = T extends { readonly run: infer F } ? F : T;
// Each distributes over the tasks, so the data of two tasks are a union.
type DataOf<T> = T extends unknown ? (FunctionOf<T> extends (data: infer D, ...rest: any[]) => unknown ? D : any) : never;
type ResultOf<T> = T extends unknown ? (FunctionOf<T> extends (...args: any[]) => infer R ? Awaited<R> : any) : never;

/** The type of the processor for these tasks: the data and results of their jobs. A queue may hold jobs of other names. */
export type OffloopProcessor<T extends Readonly<Record<string, JobTask>>> = Processor<DataOf<T[keyof T]>, ResultOf<T[keyof T]>, string>;

/**
 * Makes a processor for BullMQ's `Worker`. A job named `render` runs `tasks.render(job.data, info)` on the pool. The thread
 * of the BullMQ worker stays free, so locks are renewed in time however long a job computes.
 *
 * A cancellation by `worker.cancelJob()` reaches the call as a signal does: first `taskContext()` tells the function, and
 * after `graceMs` the pool ends the function's thread or process. A call is cancelled in the same way if its job's lock is
 * lost, or if the worker is closed by force. `worker.close()` waits for the running jobs. The pool stays open: shut it
 * down after the worker.
 *
 * `taskContext().progress(value)` becomes `job.updateProgress(value)`; of values in quick succession the newest is written.
 * `jobLog(line)` of `@offloop/bullmq/job` becomes `job.log(line)`. Both are written before the job ends.
 *
 * The job fails with the error of the function: its class, `code` and `cause` are kept, and its stack has both sides.
 * `UnrecoverableError` ends the attempts. Limits reject with `CallTimeoutError`, a lost worker with `WorkerCrashedError`.
 * @param pool any executor. Give the worker a `concurrency` of about its `maxWorkers`, so that a job waits in Redis and not here.
 * @param tasks by the name of the jobs: a function, an export of a module, or `{ run, ...callOptions }`. Jobs of other names fail at once.
 * @throws InvalidArgumentError no executor, or a task that is neither of these
 * @throws InvalidOptionError an option of a task does not fit
 * @example
 * const worker = new Worker("pages", offloopProcessor(pool, { render, thumbnail: { run: thumbnail, runTimeoutMs: 5_000 } }), { connection, concurrency: 4 });
 */
export function offloopProcessor<const T extends Readonly<Record<string, JobTask>>>(pool: Executor, tasks: T): OffloopProcessor<T> {
  if (typeof pool?.submit !== "function" || typeof pool.with !== "function") throw invalidArgument("offloopProcessor()", "an executor", pool, "new ThreadPoolExecutor()");
  if (typeof tasks !== "object" || tasks === null) throw invalidArgument("offloopProcessor()", "an object of functions by job name", tasks, "offloopProcessor(pool, { render })");
  const runners = new Map(Object.entries(tasks).map(([name, task]) => [name, runnerOf(pool, name, task)]));
  // BullMQ makes a signal only for processors that declare three parameters.
  return async (job, _token, signal) => {
    const runner = runners.get(job.name);
    if (runner === undefined) throw new UnrecoverableError(`no task is named ${textOf(job.name)}: the tasks of this worker are ${[...runners.keys()].join(", ")}. Add it to offloopProcessor(pool, { … }).`);
    return (await runJob(runner, job, signal)) as ResultOf<T[keyof T]>;
  };
}

interface Runner {
  readonly executor: Executor;
  readonly fn: JobFunction;
}

function runnerOf(pool: Executor, name: string, task: JobTask): Runner {
  const isConfigured = typeof task === "object" && task !== null && "run" in task;
  const { run, ...options } = isConfigured ? task : { run: task };
  if (typeof run !== "function" && typeof (run as ModuleExport | undefined)?.module !== "string") throw invalidArgument("offloopProcessor()", `a function, an export of a module or { run, ...options } as the task ${name}`, run);
  for (const option of ["signal", "onProgress", "transfer"]) checkOptions(`task ${name} of offloopProcessor()`, option in options ? { [option]: true } : {}, {});
  return { executor: pool.with({ name, ...options }), fn: run as JobFunction };
}

async function runJob({ executor, fn }: Runner, job: Job, signal: AbortSignal | undefined): Promise<unknown> {
  const reports = new JobReports(job);
  const { id = "", name, queueName, attemptsMade } = job;
  const info: JobInfo = { id, name, queueName, attemptsMade };
  const call = executor.with({ signal, onProgress: (reported: unknown) => reports.add(reported) }).submit(fn as (data: unknown, job: JobInfo) => unknown, job.data, info);
  const unwatch = whenLost(job, (reason) => call.cancel(reason));
  try {
    const result = await call;
    await reports.written();
    return result;
  } catch (thrown) {
    await reports.written().catch(() => {}); // the call's own error is the job's
    // BullMQ reads properties of what it catches, also of `null`.
    throw isError(thrown) ? thrown : new Error(`${name} threw ${textOf(thrown)}, which is not an Error`, { cause: thrown });
  } finally {
    unwatch();
  }
}
