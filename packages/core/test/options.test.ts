// Every public function of core and workers that takes options reports a misspelt key, a wrong value and a value
// that is no object in the same way. A function that returns a future or a promise rejects.
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import {
  asCompleted, Barrier, BoundedSemaphore, CancelScope, captureCallGraph, CapacityLimiter, Condition, ContextVar, copyContext, createTask, Event, EventLoop, Future, gather, getEventLoop, InvalidOptionError, LifoQueue, Lock, printCallGraph, PriorityQueue, Queue, run, Runner, Semaphore,
  shutdownDefaultExecutor, sleep, taskGroup, toProcess, toThread, VirtualTimeLoop, wait,
} from "@offloop/core";
import { InlineExecutor, ProcessPoolExecutor, propagate, spawnActor, task, ThreadPoolExecutor } from "@offloop/workers";
import { describe, expect, it } from "vitest";

interface Row {
  /** The function, as messages name it. */
  readonly of: string;
  /** The exported type of its options. */
  readonly type: string;
  readonly returns: "promise" | "value";
  /** A value that fits, for each option. */
  readonly fits: Readonly<Record<string, unknown>>;
  call(options: any): unknown;
}

const { signal } = new AbortController();
const loop = getEventLoop();
const noop = (): void => {};
const callFits = { signal, queueTimeoutMs: 5_000, runTimeoutMs: 5_000, priority: 1, transfer: [], retries: 1, onCancel: "wait", graceMs: 10, onProgress: noop, limiter: { acquire: noop, release: noop }, context: {}, name: "call" };
const poolFits = {
  name: "pool", minWorkers: 0, maxWorkers: 1, maxBlockedWorkers: 1, idleTimeoutMs: 10, closeTimeoutMs: 10, startTimeoutMs: 10, maxQueue: 5, env: {}, execArgv: [], maxHeapBytes: 2 ** 26, recycleAboveHeapBytes: 2 ** 26, maxTasksPerWorker: 9,
  maxWorkerAgeMs: 1_000, setup: import.meta.url, setupData: 1, teardown: import.meta.url, onOutput: noop, nice: 1,
};
const taskFits = { name: "named", context: copyContext(), eager: false, signal, loop };

/** The options with the required ones added, if they are an object. */
function withNeeded(needed: object, options: unknown): any {
  const isPlain = typeof options === "object" && options !== null && Object.getPrototypeOf(options) === Object.prototype;
  return isPlain ? Object.defineProperties({ ...needed }, Object.getOwnPropertyDescriptors(options)) : options;
}

/** A wait of a condition that is notified. */
function notifiedWait(options: unknown): Promise<unknown> {
  const condition = new Condition();
  return condition.hold(async () => {
    const waiting = condition.wait(options as object);
    const notifying = condition.hold(() => condition.notify());
    return Promise.all([waiting, notifying]);
  });
}

/** A wait of a condition whose predicate holds. */
function fulfilledWaitFor(options: unknown): Promise<unknown> {
  const condition = new Condition();
  return condition.hold(() => condition.waitFor(() => true, options as object));
}

const rows: readonly Row[] = [
  { of: "wait()", type: "WaitOptions", returns: "promise", fits: { timeoutMs: 5, returnWhen: "FIRST_COMPLETED" }, call: (options) => wait([Promise.resolve(1)], options) },
  { of: "gather()", type: "GatherOptions", returns: "promise", fits: { returnExceptions: true }, call: (options) => gather([Promise.resolve(1)], options) },
  { of: "asCompleted()", type: "AsCompletedOptions", returns: "value", fits: { timeoutMs: 5 }, call: (options) => asCompleted([Promise.resolve(1)], options) },
  { of: "sleep()", type: "SleepOptions", returns: "promise", fits: { signal, result: 1 }, call: (options) => sleep(0, options) },
  { of: "createTask()", type: "TaskOptions", returns: "promise", fits: taskFits, call: (options) => createTask(async () => 1, options) },
  { of: "createTask()", type: "TaskOptions", returns: "promise", fits: taskFits, call: (options) => loop.createTask(async () => 1, options) },
  { of: "createTask()", type: "TaskOptions", returns: "promise", fits: taskFits, call: (options) => taskGroup(async (group) => await group.createTask(async () => 1, options)).catch((error: unknown) => Promise.reject(error instanceof AggregateError ? error.errors[0] : error)) },
  { of: "captureCallGraph()", type: "CallGraphOptions", returns: "value", fits: { depth: 1, limit: -1 }, call: (options) => captureCallGraph(new Future({ loop }), options) },
  { of: "printCallGraph()", type: "PrintCallGraphOptions", returns: "value", fits: { depth: 1, limit: 1, write: noop }, call: (options) => printCallGraph(new Future({ loop }), withNeeded({ write: noop }, options)) },
  { of: "new CancelScope()", type: "CancelScopeOptions", returns: "value", fits: { deadline: 5, shield: true }, call: (options) => new CancelScope(options) },
  { of: "new ContextVar()", type: "ContextVarOptions", returns: "value", fits: { default: 1, propagate: false }, call: (options) => new ContextVar("options", options) },
  { of: "new Future()", type: "FutureOptions", returns: "value", fits: { loop }, call: (options) => new Future(options) },
  { of: "new EventLoop()", type: "EventLoopOptions", returns: "value", fits: { clock: { now: () => 0, wakeAt: noop, setRef: noop }, debug: false, awaitBudget: 5, random: Math.random }, call: (options) => new EventLoop(options) },
  { of: "new VirtualTimeLoop()", type: "VirtualTimeLoopOptions", returns: "value", fits: { startMs: 5, seed: 1, debug: false }, call: (options) => new VirtualTimeLoop(options) },
  { of: "run()", type: "RunOptions", returns: "promise", fits: { debug: false, loopFactory: () => new EventLoop(), handleSignals: false }, call: (options) => run(async () => 1, options) },
  { of: "new Runner()", type: "RunOptions", returns: "value", fits: { debug: false, loopFactory: () => new EventLoop(), handleSignals: false }, call: (options) => new Runner(options) },
  {
    of: "Runner.run()", type: "RunnerRunOptions", returns: "promise", fits: { context: copyContext() },
    async call(options) {
      await using runner = new Runner();
      return await runner.run(async () => 1, options);
    },
  },
  { of: "new PriorityQueue()", type: "PriorityQueueOptions", returns: "value", fits: { compare: () => 0 }, call: (options) => new PriorityQueue(0, options) },
  ...Object.entries<(options: any) => unknown>({
    "Lock.acquire()": (options) => new Lock().acquire(options),
    "Lock.hold()": (options) => new Lock().hold(() => 1, options),
    "Semaphore.acquire()": (options) => new Semaphore(1).acquire(options),
    "Semaphore.hold()": (options) => new BoundedSemaphore(1).hold(() => 1, options),
    "CapacityLimiter.acquire()": (options) => new CapacityLimiter(1).acquire(options),
    "CapacityLimiter.acquireOnBehalfOf()": (options) => new CapacityLimiter(1).acquireOnBehalfOf("a", options),
    "CapacityLimiter.hold()": (options) => new CapacityLimiter(1).hold(() => 1, options),
    "Condition.acquire()": (options) => new Condition().acquire(options),
    "Condition.hold()": (options) => new Condition().hold(() => 1, options),
    "Condition.wait()": notifiedWait,
    "Condition.waitFor()": fulfilledWaitFor,
    "Barrier.wait()": (options) => new Barrier(1).wait(options),
    "Queue.put()": (options) => new Queue().put(1, options),
    "Queue.get()": (options) => {
      const queue = new LifoQueue();
      queue.putNowait(1);
      return queue.get(options);
    },
    "Queue.join()": (options) => new Queue().join(options),
    "Event.wait()": (options) => {
      const event = new Event();
      event.set();
      return event.wait(options);
    },
  }).map(([of, call]): Row => ({ of, type: "Abortable", returns: "promise", fits: { signal }, call })),
  { of: "Queue.shutdown()", type: "QueueShutdownOptions", returns: "value", fits: { immediate: true }, call: (options) => new Queue().shutdown(options) },
  { of: "toThread.with()", type: "CallOptions", returns: "value", fits: callFits, call: (options) => toThread.with(options) },
  { of: "toProcess.with()", type: "CallOptions", returns: "value", fits: callFits, call: (options) => toProcess.with(options) },
  { of: "shutdown()", type: "ShutdownOptions", returns: "promise", fits: { cancelPending: true, timeoutMs: 5 }, call: (options) => shutdownDefaultExecutor(options) },
  { of: "shutdown()", type: "ShutdownOptions", returns: "promise", fits: { cancelPending: true, timeoutMs: 5 }, call: (options) => loop.shutdownDefaultExecutor(options) },
  ...[() => new ThreadPoolExecutor(), () => new ProcessPoolExecutor(), () => new InlineExecutor()].flatMap((make): Row[] => [
    { of: "with()", type: "CallOptions", returns: "value", fits: callFits, call: (options) => make().with(options) },
    { of: "with()", type: "CallOptions", returns: "value", fits: callFits, call: (options) => make().with({}).with(options) },
    { of: "map()", type: "MapOptions", returns: "value", fits: { chunkSize: 1, bufferSize: 5, ordered: false }, call: (options) => make().map(noop, [1], options) },
    { of: "shutdown()", type: "ShutdownOptions", returns: "promise", fits: { cancelPending: true, timeoutMs: 5 }, call: (options) => make().shutdown(options) },
  ]),
  { of: "new ThreadPoolExecutor()", type: "ThreadPoolOptions", returns: "value", fits: poolFits, call: (options) => new ThreadPoolExecutor(options) },
  { of: "new ProcessPoolExecutor()", type: "ProcessPoolOptions", returns: "value", fits: poolFits, call: (options) => new ProcessPoolExecutor(options) },
  { of: "spawnActor.with()", type: "ActorOptions", returns: "value", fits: { kind: "thread", restart: "never", name: "a", closeTimeoutMs: 5, startTimeoutMs: 5, env: {}, execArgv: [], maxHeapBytes: 2 ** 26 }, call: (options) => spawnActor.with(options) },
  { of: "task()", type: "TaskMarkOptions", returns: "value", fits: { module: import.meta.url, export: "exported" }, call: (options) => task(function named() {}, withNeeded({ module: import.meta.url }, options)) },
  { of: "propagate()", type: "PropagateOptions", returns: "value", fits: { name: "test.options", encode: noop, decode: noop }, call: (options) => propagate(new AsyncLocalStorage(), withNeeded({ name: "test.options" }, options)) },
];

/** Options of these functions must be given. */
const required = new Set(["toThread.with()", "toProcess.with()", "with()", "spawnActor.with()", "task()", "propagate()"]);
/** Options that take any value. */
const anyValue = new Set(["result", "default", "setupData"]);
/** Options that must have a value. */
const needed = new Set(["task() module", "propagate() name"]);

/** The error that the call throws or rejects with; `undefined` without one. */
async function failure(row: Row, options: unknown): Promise<unknown> {
  let returned: unknown;
  try {
    returned = row.call(options);
  } catch (error) {
    expect(row.returns, `${row.of} throws`).toBe("value");
    return error;
  }
  if (row.returns === "value") return undefined;
  return (returned as Promise<unknown>).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(rows.map((row, index) => [`${index} ${row.of}`, row] as const))("%s", (_title, row) => {
  const keys = Object.keys(row.fits);

  it("takes each of its options, and no options", async () => {
    for (const key of keys) expect(await failure(row, { [key]: row.fits[key] })).not.toBeInstanceOf(InvalidOptionError);
    if (!required.has(row.of)) expect(await failure(row, undefined)).not.toBeInstanceOf(InvalidOptionError);
  });

  it("names the option of the nearest name for a misspelt one", async () => {
    for (const key of keys) {
      const misspelt = `${key}z`;
      const error = await failure(row, { [misspelt]: row.fits[key] });
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ code: "ERR_OFFLOOP_INVALID_OPTION", option: misspelt, message: `unknown option \`${misspelt}\` of ${row.of}; did you mean \`${key}\`?` });
    }
  });

  it("says what an option takes when its value does not fit", async () => {
    for (const key of keys.filter((each) => !anyValue.has(each))) {
      const error = await failure(row, { [key]: NaN });
      expect(error, key).toBeInstanceOf(InvalidOptionError);
      expect(error, key).toMatchObject({ option: key, message: expect.stringMatching(/takes .*; got NaN\.$/) });
      expect((error as Error).message, key).toContain(`${key} of ${row.of} takes`);
      expect(await failure(row, { [key]: null }), key).toBeInstanceOf(InvalidOptionError);
    }
  });

  it("treats an undefined option as not given", async () => {
    for (const key of keys.filter((each) => !needed.has(`${row.of} ${each}`))) expect(await failure(row, { [key]: undefined })).not.toBeInstanceOf(InvalidOptionError);
  });

  it("refuses a value that is no object of options", async () => {
    for (const wrong of [null, 5, "options", [1], noop, signal, Promise.resolve({})]) {
      const error = await failure(row, wrong);
      expect(error, String(wrong)).toMatchObject({ code: expect.stringMatching(/^ERR_OFFLOOP_INVALID_(OPTION|ARGUMENT)$/) });
    }
  });

  it("refuses a key that would change the prototype", async () => {
    const options = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    expect(await failure(row, options)).toMatchObject({ option: "__proto__" });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("reads each option once", async () => {
    for (const key of keys) {
      let reads = 0;
      await failure(row, Object.defineProperty({}, key, { enumerable: true, get: () => ((reads += 1), row.fits[key]) }));
      expect(reads, key).toBe(1);
    }
  });

  it("takes options from the prototype of an instance of a class", async () => {
    for (const key of keys.filter((each) => !anyValue.has(each) && !needed.has(`${row.of} ${each}`))) {
      expect(await failure(row, Object.create({ [key]: NaN }, {})), key).toMatchObject({ option: expect.any(String) });
    }
  });
});

it("has a row for each exported type of options", () => {
  const exported = ["core", "workers"].flatMap((name) => [...readFileSync(new URL(`../../${name}/src/index.ts`, import.meta.url), "utf8").matchAll(/\b(\w+Options)\b/g)].map(([, type]) => type!));
  const checked = new Set(rows.map(({ type }) => type));
  // PoolOptions are those of both pools; ResolvedCallOptions are call options after the check.
  expect([...new Set(exported)].filter((type) => !["PoolOptions", "ResolvedCallOptions"].includes(type) && !checked.has(type))).toEqual([]);
});
