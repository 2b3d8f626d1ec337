// offloopProcessor with a real Redis and BullMQ's own workers.
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offloopProcessor } from "@offloop/bullmq";
import { CallTimeoutError, CancelledError, type Executor, InvalidArgumentError, InvalidOptionError, ProcessPoolExecutor, ThreadPoolExecutor, WorkerCrashedError } from "@offloop/workers";
import { type Job, type JobsOptions, Queue, Worker, type WorkerOptions } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Server, startRedis } from "../../../scripts/servers.mjs";
import * as tasks from "./fixtures/tasks.mjs";

let redis: Server;
let connection: { host: string; port: number };
const opened: { close(force?: boolean): Promise<unknown> }[] = [];
let queues = 0;

beforeAll(async () => {
  redis = await startRedis();
  connection = { host: "127.0.0.1", port: redis.port };
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close(true)));
});
afterAll(async () => {
  await Promise.all([threads, processes].map((pool) => pool.shutdown({ timeoutMs: 0 })));
  await redis.stop();
});

const fileOfTest = (name = "notes"): string => join(mkdtempSync(join(tmpdir(), "offloop-")), name);
const notes = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
};
const threads = new ThreadPoolExecutor({ maxWorkers: 1 });
const processes = new ProcessPoolExecutor({ maxWorkers: 1 });

/** A queue with a worker that runs the tasks on the pool. */
async function serve(pool: Executor, given: Parameters<typeof offloopProcessor>[1] = tasks, options: Partial<WorkerOptions> = {}) {
  const name = `queue-${(queues += 1)}`;
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, offloopProcessor(pool, given), { connection, ...options });
  worker.on("error", () => {});
  opened.push(worker, queue);
  await worker.waitUntilReady();
  /** Adds a job. Its outcome is that of its last attempt. */
  const run = async (job: string, data: unknown, jobOptions: JobsOptions = {}) => {
    const jobId = `${job}-${Math.random().toString(36).slice(2)}`;
    const outcome = new Promise<{ job: Job; result?: unknown; error?: any }>((resolve) => {
      worker.on("completed", (done, result) => done.id === jobId && resolve({ job: done, result }));
      worker.on("failed", (failed, error) => failed?.id === jobId && failed.finishedOn !== undefined && resolve({ job: failed, error }));
    });
    await queue.add(job, data, { jobId, ...jobOptions });
    return { id: jobId, outcome };
  };
  return { queue, worker, run, outcomeOf: async (job: string, data: unknown, jobOptions?: JobsOptions) => (await run(job, data, jobOptions)).outcome };
}

describe.each<[string, Executor]>([
  ["threads", threads],
  ["processes", processes],
])("a job on %s", (_, pool) => {
  it("runs by its name, with its data and what identifies it", async () => {
    const { outcomeOf, queue } = await serve(pool);
    const { job, result } = await outcomeOf("describeJob", { text: "# Title" });
    expect(result).toEqual({ data: { text: "# Title" }, job: { id: job.id, name: "describeJob", queueName: queue.name, attemptsMade: 0 }, worker: expect.any(Number) });
    expect((await queue.getJob(job.id!))?.returnvalue).toEqual(result);
    expect((await outcomeOf("nothing", 1)).error).toBeUndefined();
  });

  it("writes logs and progress in order, all before it ends", async () => {
    const { outcomeOf, queue } = await serve(pool);
    const { job, result } = await outcomeOf("reports", 50);
    expect(result).toBe(50);
    expect((await queue.getJobLogs(job.id!)).logs).toEqual(Array.from({ length: 50 }, (_, at) => `line ${at + 1}`));
    expect((await queue.getJob(job.id!))?.progress).toEqual({ at: 50 });
  });

  it("fails with the error of the function, whole, and is tried again as often as it may be", async () => {
    const { outcomeOf } = await serve(pool);
    const file = fileOfTest();
    const { job, error } = await outcomeOf("fails", { file, message: "broken" }, { attempts: 3 });
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "broken", code: "E_TASK", cause: { message: "the cause" } });
    expect(job).toMatchObject({ failedReason: "broken", attemptsMade: 3 });
    expect(job.stacktrace?.[0]).toMatch(/tasks\.mjs/);
    expect(notes(file)).toBe("run run run ");
  });

  it("ends its attempts with an UnrecoverableError", async () => {
    const { outcomeOf } = await serve(pool);
    const file = fileOfTest();
    expect((await outcomeOf("fails", { file, name: "UnrecoverableError", message: "for good" }, { attempts: 3 })).job).toMatchObject({ failedReason: "for good", attemptsMade: 1 });
    expect(notes(file)).toBe("run ");
  });

  it("is cancelled by BullMQ while synchronous code runs", async () => {
    const { run, worker } = await serve(pool);
    const file = fileOfTest();
    const { id, outcome } = await run("looks", file);
    await until(() => notes(file) !== "");
    expect(worker.cancelJob(id, "not needed")).toBe(true);
    const { error } = await outcome;
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toMatchObject({ message: "looks was cancelled", cause: "not needed" });
    await until(() => notes(file) === "begun ended ");
  });

  it("that looks at nothing is ended with its worker after the grace", async () => {
    const { workersStarted } = pool.stats();
    const { run, worker, outcomeOf } = await serve(pool, { ...tasks, neverLooks: { run: tasks.neverLooks, graceMs: 20, onCancel: "wait" } });
    const file = fileOfTest();
    const { id, outcome } = await run("neverLooks", file);
    await until(() => notes(file) !== "");
    worker.cancelJob(id);
    expect((await outcome).error).toBeInstanceOf(CancelledError);
    expect((await outcomeOf("nothing", 1)).error).toBeUndefined();
    expect(pool.stats()).toMatchObject({ workersStarted: workersStarted + 1 });
  });
});

describe("a job", () => {
  it("keeps its lock while it blocks its thread", async () => {
    const { run, worker } = await serve(threads, tasks, { lockDuration: 60_000, lockRenewTime: 20 });
    const release = fileOfTest();
    const renewed = new Promise<string[]>((resolve) => worker.once("locksRenewed", ({ jobIds }) => resolve(jobIds)));
    const { id, outcome } = await run("blocks", { release });
    expect(await renewed).toEqual([id]);
    writeFileSync(release, "");
    expect((await outcome).result).toBe("released");
  });

  it("runs no longer than its runTimeoutMs", async () => {
    const { outcomeOf } = await serve(threads, { looks: { run: tasks.looks, runTimeoutMs: 30 } });
    const { error } = await outcomeOf("looks", fileOfTest());
    expect(error).toBeInstanceOf(CallTimeoutError);
    expect(error.message).toContain("looks");
  });

  it("fails if its thread ends", async () => {
    const { outcomeOf } = await serve(threads, { exits: () => process.exit(3) });
    expect((await outcomeOf("exits", {})).error).toBeInstanceOf(WorkerCrashedError);
  });

  it("fails with an Error also where its function throws none, or gives a value that is no JSON", async () => {
    const { outcomeOf } = await serve(threads);
    expect((await outcomeOf("throwsNull", {})).error).toMatchObject({ message: "throwsNull threw null, which is not an Error", cause: null });
    expect((await outcomeOf("reportsNoJson", {})).error).toBeInstanceOf(TypeError);
    expect((await outcomeOf("givesNoJson", {})).error).toBeInstanceOf(TypeError);
  });

  it("whose name no task has fails at once, with the names that there are", async () => {
    const { outcomeOf } = await serve(threads, { nothing: tasks.nothing });
    for (const name of ["other", "constructor", "__proto__"]) {
      expect((await outcomeOf(name, {}, { attempts: 3 })).job).toMatchObject({ attemptsMade: 1, failedReason: expect.stringMatching(/no task is named .*: the tasks of this worker are nothing/) });
    }
  });

  it("ends when another worker may run it, because its lock is lost", async () => {
    const { run, queue } = await serve(threads, tasks, { lockDuration: 60_000, lockRenewTime: 20 });
    const file = fileOfTest();
    const { id } = await run("looks", file);
    await until(() => notes(file) !== "");
    const client = new Redis(redis.url);
    await client.del(`${queue.toKey(id)}:lock`);
    client.disconnect();
    await until(() => notes(file) === "begun ended ");
  });
});

describe("a worker", () => {
  it("waits for its jobs when it closes", async () => {
    const { run, worker } = await serve(threads);
    const release = fileOfTest();
    const { outcome } = await run("blocks", { release });
    await until(() => threads.stats().running === 1);
    const closed = worker.close();
    writeFileSync(release, "");
    await closed;
    expect((await outcome).result).toBe("released");
  });

  it("ends its jobs when it is closed by force", async () => {
    const { run, worker } = await serve(threads);
    const file = fileOfTest();
    await run("waits", file);
    await until(() => notes(file) !== "");
    await worker.close(true);
    await until(() => notes(file) === "begun ended ");
  });
});

it("offloopProcessor() refuses what is no executor, no task or no option", () => {
  const pool = threads;
  expect(() => offloopProcessor(undefined as never, {})).toThrow(InvalidArgumentError);
  expect(() => offloopProcessor(pool, undefined as never)).toThrow(InvalidArgumentError);
  expect(() => offloopProcessor(pool, { render: 3 as never })).toThrow(/task render; got 3/);
  expect(() => offloopProcessor(pool, { render: { run: tasks.nothing, runTimeoutMs: -1 } })).toThrow(InvalidOptionError);
  expect(() => offloopProcessor(pool, { render: { run: tasks.nothing, timeout: 1 } as never })).toThrow(/timeout/);
  expect(() => offloopProcessor(pool, { render: { run: tasks.nothing, signal: new AbortController().signal } as never })).toThrow(/signal/);
});

it("the processor has the types of its tasks", () => {
  const processor = offloopProcessor(threads, { double: (data: { of: number }) => data.of * 2, upper: { run: async (data: string) => data.toUpperCase() } });
  type Data = { of: number } | string;
  const worker: Worker<Data, number | string> = new Worker<Data, number | string>("types", processor, { connection, autorun: false });
  const inferred: Worker = new Worker("types", processor, { connection, autorun: false });
  // @ts-expect-error: no task takes this data
  const refused = new Worker<Date, number | string>("types", processor, { connection, autorun: false });
  opened.push(worker, inferred, refused);
  expect(processor).toHaveLength(3); // BullMQ makes a signal for it
});
