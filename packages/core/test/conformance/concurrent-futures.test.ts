// concurrent.futures, against the executors of @offloop/workers: each test runs on threads and in
// processes, as CPython's do.
import { asCompleted, gather, shield, wait, waitFor, wrapFuture } from "@offloop/core";
import { CallFuture, CloneError, type Executor, ExecutorShutdownError, InvalidOptionError, type PoolOptions, ProcessPoolExecutor, ThreadPoolExecutor, workerModule, WorkerCrashedError, WorkerStartError } from "@offloop/workers";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect } from "vitest";
import * as calls from "../../../workers/test/fixtures/calls.mjs";
import { rejection, restates } from "./restates.js";

const executorTests = restates("test_concurrent_futures/executor", "ExecutorTest");
const futureTests = restates("test_concurrent_futures/test_future", "FutureTests");
const waitTests = restates("test_concurrent_futures/test_wait", "WaitTests");
const completedTests = restates("test_concurrent_futures/test_as_completed", "AsCompletedTests");
const threadTests = restates("test_concurrent_futures/test_thread_pool", "ThreadPoolExecutorTest");
const processTests = restates("test_concurrent_futures/test_process_pool", "ProcessPoolExecutorTest");
const shutdownTests = restates("test_concurrent_futures/test_shutdown", "ExecutorShutdownTest");
const threadShutdownTests = restates("test_concurrent_futures/test_shutdown", "ThreadPoolShutdownTest");
const processShutdownTests = restates("test_concurrent_futures/test_shutdown", "ProcessPoolShutdownTest");
const deadlockTests = restates("test_concurrent_futures/test_deadlock", "ExecutorDeadlockTest");

type Make = (options?: PoolOptions) => Executor;
const made: Executor[] = [];
const folders: string[] = [];
const track = <E extends Executor>(executor: E): E => (made.push(executor), executor);
const threads: Make = (options = { maxWorkers: 2 }) => track(new ThreadPoolExecutor(options));
const processes: Make = (options = { maxWorkers: 2 }) => track(new ProcessPoolExecutor(options));
const both = (test: (make: Make) => Promise<unknown>) => async (): Promise<void> => {
  for (const make of [threads, processes]) await test(make);
};
const file = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-conformance-"));
  folders.push(folder);
  return join(folder, name);
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};
/** Keeps a worker busy until `release`. */
const hold = async (executor: Executor): Promise<{ running: ReturnType<Executor["submit"]>; release(): void }> => {
  const [begun, gate] = [file("begun"), file("gate")];
  const running = executor.submit(calls.marksAndWaits, begun, gate);
  running.catch(() => {});
  await until(() => existsSync(begun));
  return { running, release: () => writeFileSync(gate, "") };
};

afterEach(async () => {
  await Promise.all(made.splice(0).map((executor) => executor.shutdown({ cancelPending: true, timeoutMs: 0 })));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

executorTests("submit submit_keyword", "submit gives a future of the call's result", both(async (make) => {
  expect(await make().submit(calls.add, 2, 8)).toBe(10);
  expect(await make().submit(({ base, exponent }: { base: number; exponent: number }) => base ** exponent, { base: 2, exponent: 8 })).toBe(256);
}));

executorTests("map", "map gives the results in the order of the items", both(async (make) => {
  const results: number[] = [];
  for await (const each of make().map(calls.squareLater, Array.from({ length: 10 }, (_, index) => index))) results.push(each);
  expect(results).toEqual(Array.from({ length: 10 }, (_, index) => index ** 2));
}));

executorTests("map_exception", "map throws a call's error at its place", both(async (make) => {
  const results = make().map(calls.throwsIfOdd, [0, 1, 2]);
  expect((await results.next()).done).toBe(false);
  await expect(results.next()).rejects.toThrow();
}));

executorTests("map_timeout", "a limit of run time ends a call of a map", both(async (make) => {
  const results = make().with({ runTimeoutMs: 50, graceMs: 0 }).map(calls.waitsForever, [file("never")]);
  expect(await rejection(results.next())).toMatchObject({ code: "ERR_OFFLOOP_CALL_TIMEOUT" });
}));

executorTests("shutdown_race_issue12456", "a call that comes while the pool is shut down is refused, and nothing hangs", both(async (make) => {
  const executor = make();
  await executor.submit(calls.add, 1, 1);
  const shutdown = executor.shutdown();
  expect(await rejection(executor.submit(calls.add, 1, 1))).toBeInstanceOf(ExecutorShutdownError);
  await shutdown;
}));

executorTests("max_workers_negative", "a pool of no workers is refused", both(async (make) => {
  for (const maxWorkers of [0, -1]) expect(() => make({ maxWorkers })).toThrow(InvalidOptionError);
}));

futureTests("done_callback_with_result done_callback_with_exception done_callback_already_successful done_callback_already_failed", "done callbacks run whether they are added before the end or after it", both(async (make) => {
  const executor = make();
  const good = executor.submit(calls.add, 2, 3);
  const bad = executor.submit(calls.throwsRenderError);
  const heard = await Promise.all([good.then((value) => value), bad.catch((error: Error) => error.name)]);
  expect([...heard, await good.then((value) => value), await bad.catch((error: Error) => error.name)]).toEqual([5, "RenderError", 5, "RenderError"]);
}));

futureTests("done_callback_with_cancel done_callback_already_cancelled", "done callbacks of a cancelled future run", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const { release } = await hold(executor);
  const queued = executor.submit(calls.add, 1, 1);
  const heard = queued.catch((error: Error) => error.name);
  queued.cancel();
  expect([await heard, await queued.catch((error: Error) => error.name)]).toEqual(["CancelledError", "CancelledError"]);
  release();
}));

futureTests("cancel cancelled done running", "a queued call is cancelled once, a finished one cannot be", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const { running, release } = await hold(executor);
  const queued = executor.submit(calls.add, 1, 1);
  queued.catch(() => {});
  expect([running.state, queued.state]).toEqual(["pending", "pending"]);
  expect(executor.stats()).toMatchObject({ running: 1, queued: 1 });
  expect(queued.cancel()).toBe(true);
  await rejection(queued);
  expect([queued.state, queued.cancel()]).toEqual(["cancelled", false]);
  release();
  await running;
  expect([running.state, running.cancel()]).toEqual(["fulfilled", false]);
}));

futureTests("result_with_timeout exception_with_timeout", "a wait for a call can time out; with a shield the call continues", both(async (make) => {
  const { running, release } = await hold(make());
  expect((await rejection(waitFor(shield(wrapFuture(running)), 20))).name).toBe("TimeoutError");
  expect(running.state).toBe("pending");
  release();
  await running;
}));

futureTests("result_with_success exception_with_success result_with_cancel", "a result, an error and a cancellation each end a pending await", both(async (make) => {
  const executor = make();
  const { running, release } = await hold(executor);
  const waiting = wrapFuture(running).then(() => "woken");
  release();
  expect(await waiting).toBe("woken");
  await expect(wrapFuture(executor.submit(calls.throwsRenderError))).rejects.toMatchObject({ name: "RenderError" });
  const held = await hold(executor);
  const cancelled = rejection(wrapFuture(held.running));
  held.running.cancel("enough");
  expect((await cancelled).name).toBe("CancelledError");
}));

waitTests("first_completed first_completed_some_already_completed", "wait returns with the first call that is done", both(async (make) => {
  const executor = make();
  const { running, release } = await hold(executor);
  const [slow, fast] = [wrapFuture(running), wrapFuture(executor.submit(calls.add, 1, 1))];
  const { done, pending } = await wait([slow, fast], { returnWhen: "FIRST_COMPLETED" });
  expect([[...done], [...pending]]).toEqual([[fast], [slow]]);
  const again = await wait([slow, fast], { returnWhen: "FIRST_COMPLETED" });
  expect([...again.done]).toEqual([fast]);
  release();
  await slow;
}));

waitTests("first_exception first_exception_some_already_complete first_exception_one_already_failed", "wait returns with the first error", both(async (make) => {
  const executor = make();
  const { running, release } = await hold(executor);
  const [slow, good, bad] = [wrapFuture(running), wrapFuture(executor.submit(calls.add, 1, 1)), wrapFuture(executor.submit(calls.throwsRenderError))];
  for (let time = 0; time < 2; time += 1) {
    const { done, pending } = await wait([slow, good, bad], { returnWhen: "FIRST_EXCEPTION" });
    expect([done.has(bad), pending.has(slow)]).toEqual([true, true]);
  }
  release();
  await slow;
}));

waitTests("all_completed 20369", "wait returns when all calls are done, also with errors; a call given twice counts once", both(async (make) => {
  const executor = make();
  const [good, bad] = [wrapFuture(executor.submit(calls.add, 1, 1)), wrapFuture(executor.submit(calls.throwsRenderError))];
  const { done, pending } = await wait([good, bad, good]);
  expect([done.size, pending.size, bad.rejected()]).toEqual([2, 0, true]);
}));

waitTests("timeout", "wait returns the pending calls after its timeout", both(async (make) => {
  const { running, release } = await hold(make());
  const slow = wrapFuture(running);
  const { done, pending } = await wait([slow], { timeoutMs: 5 });
  expect([done.size, [...pending]]).toEqual([0, [slow]]);
  release();
  await slow;
}));

restates("test_concurrent_futures/test_wait", "ThreadPoolWaitTests")("pending_calls_race", "many calls that end at once all settle", async () => {
  const executor = threads({ maxWorkers: 2 });
  const all = Array.from({ length: 200 }, (_, index) => wrapFuture(executor.submit(calls.add, index, 1)));
  expect((await wait(all)).done.size).toBe(200);
});

completedTests("no_timeout duplicate_futures", "asCompleted gives calls as they end, each once", both(async (make) => {
  const executor = make();
  const { running, release } = await hold(executor);
  const [slow, fast] = [wrapFuture<unknown>(running), wrapFuture<unknown>(executor.submit(calls.add, 1, 1))];
  const seen: unknown[] = [];
  for await (const each of asCompleted([slow, fast, slow])) {
    seen.push(each);
    release();
  }
  expect(seen).toEqual([fast, slow]);
}));

completedTests("future_times_out correct_timeout_exception_msg", "asCompleted throws TimeoutError after its timeout", both(async (make) => {
  const { running, release } = await hold(make());
  const slow = wrapFuture(running);
  const error = await rejection(asCompleted([slow], { timeoutMs: 5 }).next());
  expect(error).toMatchObject({ name: "TimeoutError", timeoutMs: 5 });
  release();
  await slow;
}));

threadTests("map_submits_without_iteration", "map reads its source as results are taken", async () => {
  let read = 0;
  const results = threads().map(calls.identity, (function* () {
    for (;;) yield read++;
  })(), { bufferSize: 2, chunkSize: 1 });
  expect((await results.next()).value).toBe(0);
  expect(read).toBeLessThan(20);
  await results.return?.();
});

threadTests("default_workers", "a pool has one worker fewer than there are processors by default", async () => {
  const executor = threads({});
  await executor.warmUp();
  expect(executor.stats().workers).toBeGreaterThanOrEqual(1);
});

threadTests("saturation", "a pool never has more workers than it may", async () => {
  const executor = threads({ maxWorkers: 2 });
  await gather(Array.from({ length: 60 }, (_, index) => wrapFuture(executor.submit(calls.add, index, 1))));
  expect(executor.stats()).toMatchObject({ workersStarted: 2, fulfilled: 60 });
});

threadTests("idle_thread_reuse", "an idle worker is used again", async () => {
  const executor = threads({ maxWorkers: 4 });
  for (let call = 0; call < 3; call += 1) await executor.submit(calls.add, call, 1);
  expect(executor.stats().workersStarted).toBe(1);
});

threadTests("executor_map_current_future_cancel", "leaving a map early cancels its other calls", async () => {
  const executor = threads({ maxWorkers: 1 });
  for await (const each of executor.map(calls.identity, Array.from({ length: 500 }, (_, index) => index), { bufferSize: 4, chunkSize: 1 })) if (each === 3) break;
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

processTests("max_workers_too_large", "an unreasonable number of workers is refused", async () => {
  expect(() => processes({ maxWorkers: 100_000 })).toThrow(InvalidOptionError);
});

processTests("killed_child", "a killed worker rejects its call, and the next one has a new worker", async () => {
  const executor = processes({ maxWorkers: 1 });
  expect(await rejection(executor.submit(calls.killsItself, "SIGKILL"))).toBeInstanceOf(WorkerCrashedError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
});

processTests("map_chunksize", "map gives the same results in chunks; a chunk size of 0 is refused", both(async (make) => {
  const items = Array.from({ length: 40 }, (_, index) => index);
  for (const chunkSize of [1, 6, 50]) {
    const results: number[] = [];
    for await (const each of make().map(calls.identity, items, { chunkSize })) results.push(each as number);
    expect(results).toEqual(items);
  }
  expect(await rejection((async () => await make().map(calls.identity, items, { chunkSize: 0 }).next())())).toBeInstanceOf(InvalidOptionError);
}));

processTests("traceback", "an error has the stack of the worker, and of the caller", both(async (make) => {
  const error = await rejection(make().submit(calls.throwsRenderError));
  expect(error.stack).toContain("throwsRenderError");
}));

processTests("saturation idle_process_reuse_one idle_process_reuse_multiple", "processes are started as they are needed, and used again", async () => {
  const executor = processes({ maxWorkers: 2 });
  for (let call = 0; call < 3; call += 1) await executor.submit(calls.add, call, 1);
  expect(executor.stats().workersStarted).toBe(1);
  await Promise.all(Array.from({ length: 30 }, (_, index) => executor.submit(calls.add, index, 1)));
  expect(executor.stats().workersStarted).toBeLessThanOrEqual(2);
});

processTests("max_tasks_per_child max_tasks_early_shutdown", "a worker is replaced after its number of calls; a shutdown before that loses none", both(async (make) => {
  const executor = make({ maxWorkers: 1, maxTasksPerWorker: 2 });
  const where = await Promise.all(Array.from({ length: 5 }, () => executor.submit(calls.where)));
  expect(new Set(where).size).toBe(3);
  const early = make({ maxWorkers: 1, maxTasksPerWorker: 1 });
  const futures = Array.from({ length: 3 }, (_, index) => early.submit(calls.add, index, 1));
  await early.shutdown();
  expect(await Promise.all(futures)).toEqual([1, 2, 3]);
}));

shutdownTests("run_after_shutdown", "a pool that is shut down refuses calls", both(async (make) => {
  const executor = make();
  await executor.shutdown();
  expect(await rejection(executor.submit(calls.add, 1, 1))).toBeInstanceOf(ExecutorShutdownError);
}));

shutdownTests("cancel_futures", "a shutdown can cancel queued calls, and running calls finish", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const { running, release } = await hold(executor);
  const queued = Array.from({ length: 5 }, () => rejection(executor.submit(calls.add, 1, 1)));
  const shutdown = executor.shutdown({ cancelPending: true });
  expect((await Promise.all(queued)).map((error) => error.name)).toEqual(Array.from({ length: 5 }, () => "CancelledError"));
  release();
  await running;
  await shutdown;
}));

shutdownTests("hang_issue12364 hang_gh83386 hang_gh94440", "several shutdowns end, also with calls that fail", both(async (make) => {
  const executor = make();
  const failing = Array.from({ length: 10 }, () => rejection(executor.submit(calls.throwsRenderError)));
  await Promise.all([executor.shutdown(), executor.shutdown(), ...failing]);
  await executor.shutdown();
}));

shutdownTests("interpreter_shutdown", "a program that ends with an open pool ends, with the results that it awaited", () => {
  const program = `import { ThreadPoolExecutor } from "@offloop/workers"; const executor = new ThreadPoolExecutor({ maxWorkers: 1 }); console.log(await executor.submit(() => "apple"));`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 }).trim()).toBe("apple");
});

const ends = (make: Make) => async (): Promise<void> => {
  const executor = make();
  await executor.warmUp(2);
  expect(executor.stats().workers).toBe(2);
  await executor.shutdown();
  expect(executor.stats().workers).toBe(0);
};
threadShutdownTests("threads_terminate", "shutdown ends every thread", ends(threads));
processShutdownTests("processes_terminate", "shutdown ends every process", ends(processes));

const disposes = (make: Make) => async (): Promise<void> => {
  let kept: Executor | undefined;
  {
    await using executor = make();
    kept = executor;
    expect(await executor.submit(calls.add, 1, 1)).toBe(2);
  }
  expect(await rejection(kept.submit(calls.add, 1, 1))).toBeInstanceOf(ExecutorShutdownError);
};
threadShutdownTests("context_manager_shutdown", "await using shuts a thread pool down", disposes(threads));
processShutdownTests("context_manager_shutdown", "await using shuts a process pool down", disposes(processes));

const withoutWaiting = (make: Make) => async (): Promise<void> => {
  const executor = make({ maxWorkers: 1 });
  const futures = Array.from({ length: 5 }, (_, index) => executor.submit(calls.add, index, 1));
  void executor.shutdown();
  expect(await Promise.all(futures)).toEqual([1, 2, 3, 4, 5]);
};
threadShutdownTests("shutdown_no_wait", "calls of a thread pool that is being shut down still end", withoutWaiting(threads));
processShutdownTests("shutdown_no_wait", "calls of a process pool that is being shut down still end", withoutWaiting(processes));
threadShutdownTests("cancel_futures_wait_false", "queued calls are cancelled before the shutdown has ended", async () => {
  const executor = threads({ maxWorkers: 1 });
  const { running, release } = await hold(executor);
  const queued = rejection(executor.submit(calls.add, 1, 1));
  void executor.shutdown({ cancelPending: true });
  expect((await queued).name).toBe("CancelledError");
  release();
  await running;
});

restates("test_concurrent_futures/test_init", "InitializerMixin")("initializer", "a setup runs in each worker before its first call", both(async (make) => {
  const executor = make({ maxWorkers: 1, setup: new URL("../../../workers/dist/testing/fixtures/set-up.js", import.meta.url), setupData: { value: "initialized" } });
  expect(await executor.submit(calls.countsInSetup)).toBeDefined();
}));

const failing = restates("test_concurrent_futures/test_init", "FailingInitializerMixin");
failing("initializer", "a setup that fails rejects the calls, with its error as the cause", both(async (make) => {
  const executor = make({ maxWorkers: 1, setup: "data:text/javascript,throw new Error('no setup')" as never });
  expect(await rejection(executor.submit(calls.add, 1, 1))).toBeInstanceOf(WorkerStartError);
}));

deadlockTests("error_at_task_pickle", "an argument that cannot travel rejects its call, and no other", both(async (make) => {
  const executor = make();
  expect(await rejection(executor.submit(calls.identity, () => {}))).toBeInstanceOf(CloneError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

deadlockTests("error_at_task_unpickle", "a function that cannot be found on the other side rejects its call, and no other", both(async (make) => {
  const executor = make();
  const missing = { module: new URL("./no-such-module.mjs", import.meta.url).href, export: "nothing" };
  expect(await rejection(executor.submit(missing as never))).toBeInstanceOf(Error);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

deadlockTests("exit_during_func_exec_on_worker crash_during_func_exec_on_worker", "a worker that exits or is killed during a call rejects it, and the pool continues", async () => {
  for (const make of [threads, processes]) {
    const executor = make({ maxWorkers: 1 });
    expect(await rejection(executor.submit(calls.exits, 3))).toBeInstanceOf(WorkerCrashedError);
    expect(await executor.submit(calls.add, 1, 1)).toBe(2);
  }
});

deadlockTests("error_during_func_exec_on_worker", "an error of a call rejects that call", both(async (make) => {
  expect(await rejection(make().submit(calls.throwsRenderError))).toMatchObject({ name: "RenderError" });
}));

deadlockTests("error_during_result_pickle_on_worker", "a result that cannot travel rejects its call, and no other", both(async (make) => {
  const executor = make();
  expect(await rejection(executor.submit(calls.returnsFunction))).toMatchObject({ code: "ERR_OFFLOOP_CLONE" });
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

deadlockTests("exit_during_result_pickle_on_worker crash_during_result_pickle_on_worker", "a worker that ends after its answer loses no answer", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  await executor.submit(calls.exitsAfterAnswer).catch(() => {});
  await until(() => executor.stats().workers === 0);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

deadlockTests("shutdown_deadlock shutdown_deadlock_pickle", "a shutdown ends though a worker crashes, or a call cannot travel", both(async (make) => {
  const executor = make({ maxWorkers: 2 });
  await executor.submit(calls.add, 1, 1);
  const crashed = rejection(executor.submit(calls.exits, 1));
  const unsent = rejection(executor.submit(calls.identity, () => {}));
  await executor.shutdown();
  expect([await crashed instanceof WorkerCrashedError, await unsent instanceof CloneError]).toEqual([true, true]);
}));

deadlockTests("crash_big_data", "a worker that crashes with large data on its way rejects its call", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  expect(await rejection(executor.submit(calls.exitsWith, new Uint8Array(8_000_000)))).toBeInstanceOf(WorkerCrashedError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

deadlockTests("gh105829_should_not_deadlock_if_wakeup_pipe_full", "many calls at once, and a shutdown after them, end", both(async (make) => {
  const executor = make({ maxWorkers: 2 });
  const all = Array.from({ length: 500 }, (_, index) => executor.submit(calls.add, index, 1));
  expect((await Promise.all(all)).length).toBe(500);
}));

restates("test_asyncio/test_futures", "BaseFutureTests")("wrap_future_cancel wrap_future_cancel2", "cancelling the wrapping future cancels a queued call, and does not change an ended one", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const { release } = await hold(executor);
  const queued = executor.submit(calls.add, 1, 1);
  queued.catch(() => {});
  const wrapped = wrapFuture(queued);
  expect(wrapped.cancel()).toBe(true);
  expect((await rejection(wrapped)).name).toBe("CancelledError");
  expect([wrapped.cancelled(), queued.state]).toEqual([true, "cancelled"]);
  release();
  const ended = executor.submit(calls.add, 1, 1);
  const late = wrapFuture(ended);
  expect([await late, late.cancel(), ended.state]).toEqual([2, false, "fulfilled"]);
}));

deadlockTests("exit_at_task_unpickle crash_at_task_unpickle", "a worker that ends while it loads a function rejects the call, and the pool continues", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const { never } = workerModule<typeof import("../fixtures/ends-when-loaded.mjs")>(new URL("../fixtures/ends-when-loaded.mjs", import.meta.url));
  expect(await rejection(executor.submit(never))).toBeInstanceOf(WorkerCrashedError);
  expect(await executor.submit(calls.add, 1, 1)).toBe(2);
}));

futureTests("done_callback_raises done_callback_raises_already_succeeded", "a callback that throws rejects the promise of its then(), and the other callbacks run", async () => {
  const future = threads().submit(calls.add, 2, 3);
  for (const settled of [false, true]) {
    if (settled) await future;
    const seen: number[] = [];
    const throwing = future.then(() => {
      throw new RangeError("in a callback");
    });
    const next = future.then((sum) => seen.push(sum));
    expect((await rejection(throwing)).message).toBe("in a callback");
    await next;
    expect(seen).toEqual([5]);
  }
});

futureTests("multiple_set_result multiple_set_exception", "a call's future is settled once: its executor's later attempts change nothing", async () => {
  const fulfilled = CallFuture.create<number>({ cancel: () => false });
  fulfilled.fulfil(1);
  fulfilled.fulfil(2);
  fulfilled.fail(new Error("late"));
  expect([await fulfilled.future, fulfilled.future.state]).toEqual([1, "fulfilled"]);
  const failed = CallFuture.create<number>({ cancel: () => false });
  failed.fail(new Error("first"));
  failed.fail(new Error("second"));
  failed.fulfil(1);
  expect([(await rejection(failed.future)).message, failed.future.state]).toEqual(["first", "rejected"]);
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const collected = async (reference: WeakRef<object>): Promise<void> => {
  while (reference.deref() !== undefined) {
    await new Promise(setImmediate);
    collect();
  }
};

executorTests("no_stale_references", "an executor does not keep the arguments and results of ended calls in memory", both(async (make) => {
  const executor = make({ maxWorkers: 1 });
  const submit = async (): Promise<WeakRef<object>[]> => {
    const argument = { big: "argument" };
    const future = executor.submit(calls.identity, argument);
    return [new WeakRef(argument), new WeakRef((await future) as object), new WeakRef(future)];
  };
  for (const reference of await submit()) await collected(reference);
}));

executorTests("free_reference", "map does not keep yielded results in memory", both(async (make) => {
  const take = async (): Promise<WeakRef<object>[]> => {
    const references: WeakRef<object>[] = [];
    for await (const value of make().map((index: number) => ({ index }), [1, 2, 3, 4, 5])) references.push(new WeakRef(value));
    return references;
  };
  for (const reference of await take()) await collected(reference);
}));

completedTests("free_reference_yielded_future", "asCompleted does not keep yielded futures in memory", async () => {
  const executor = threads();
  const take = async (): Promise<WeakRef<object>[]> => {
    const references: WeakRef<object>[] = [];
    for await (const done of asCompleted([1, 2, 3].map((value) => wrapFuture(executor.submit(calls.add, value, 0))))) references.push(new WeakRef(done));
    return references;
  };
  for (const reference of await take()) await collected(reference);
});
