// The event loop: scheduling, running, handles, exception handlers, policies; and calls off the loop.
import type { Job } from "#core/loop/job.js";
import { allTasks, ContextVar, createTask, currentTask, EventLoop, Future, gather, getEventLoop, getEventLoopPolicy, getRunningLoop, Handle, newEventLoop, run, runInExecutor, setEventLoop, setEventLoopPolicy, shutdownDefaultExecutor, sleep, TimerHandle, toThread, VirtualTimeLoop } from "@offloop/core";
import { InlineExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { execFileSync } from "node:child_process";
import { Worker } from "node:worker_threads";
import { afterAll, expect } from "vitest";
import * as work from "../fixtures/work.mjs";
import { inLoop, rejection, restates } from "./restates.js";

const base = restates("test_asyncio/test_base_events", "BaseEventLoopTests");
const mixin = restates("test_asyncio/test_events", "EventLoopTestsMixin");
const handles = restates("test_asyncio/test_events", "HandleTests");
const timers = restates("test_asyncio/test_events", "TimerTests");
const policies = restates("test_asyncio/test_events", "PolicyTests");

base("close", "a closed loop runs no callback and refuses new ones; a second close() has no effect", async () => {
  const loop = new EventLoop();
  expect(loop.isClosed()).toBe(false);
  loop.close();
  loop.close();
  expect(loop.isClosed()).toBe(true);
  await expect(loop.runForever()).rejects.toThrow(/closed/);
  await expect(loop.runUntilComplete(() => 1)).rejects.toThrow(/closed/);
  for (const schedule of [() => loop.callSoon(() => {}), () => loop.callLater(1, () => {}), () => loop.createTask(() => 1)]) expect(schedule).toThrow(/closed/);
});

base("_add_callback_handle call_soon", "callSoon runs callbacks in their order, with their arguments", inLoop(async () => {
  const calls: unknown[] = [];
  const handle = getRunningLoop().callSoon((...args) => calls.push(args), "a", 1);
  getRunningLoop().callSoon((...args) => calls.push(args), "b");
  expect([handle instanceof Handle, calls]).toEqual([true, []]);
  await sleep(0);
  expect(calls).toEqual([["a", 1], ["b"]]);
}));

base("_add_callback_cancelled_handle", "a cancelled handle does not run", inLoop(async () => {
  let called = false;
  const handle = getRunningLoop().callSoon(() => (called = true));
  handle.cancel();
  await sleep(0);
  expect([called, handle.cancelled()]).toEqual([false, true]);
}));

base("call_soon_non_callable", "callSoon refuses a value that is no function, at once", inLoop(() => {
  for (const wrong of [1, undefined, Promise.resolve()]) expect(() => getRunningLoop().callSoon(wrong as never)).toThrow(/function/);
}));

base("call_later", "callLater runs a callback after its time", inLoop(async () => {
  const began = getRunningLoop().time();
  const when = await new Promise((resolve) => {
    const handle = getRunningLoop().callLater(10_000, () => resolve(getRunningLoop().time()));
    expect([handle instanceof TimerHandle, handle.when()]).toEqual([true, began + 10_000]);
  });
  expect(when).toBe(began + 10_000);
}));

base("call_later_negative_delays", "a delay below zero is zero, in the order of scheduling", inLoop(async () => {
  const order: string[] = [];
  for (const [name, delayMs] of [["a", -1], ["b", -2], ["c", 0]] as const) getRunningLoop().callLater(delayMs, () => order.push(name));
  await sleep(1);
  expect(order).toEqual(["a", "b", "c"]);
}));

base("time_and_call_at", "callAt runs a callback at a time of time(), never early", async () => {
  const loop = getRunningLoop();
  const when = loop.time() + 20;
  expect(await new Promise<number>((resolve) => loop.callAt(when, () => resolve(loop.time())))).toBeGreaterThanOrEqual(when);
  expect(() => loop.callAt(undefined as never, () => {})).toThrow(/takes a time/);
});

base("_run_once _run_once_schedule_handle", "a callback that a callback schedules runs in the next pass, after those scheduled earlier", inLoop(async () => {
  const order: string[] = [];
  const loop = getRunningLoop();
  loop.callSoon(() => {
    order.push("first");
    loop.callSoon(() => order.push("nested"));
  });
  loop.callSoon(() => order.push("second"));
  await sleep(0);
  await sleep(0);
  expect(order).toEqual(["first", "second", "nested"]);
}));

base("_run_once_cancelled_event_cleanup", "the loop does not wait for cancelled timers", async () => {
  const loop = new VirtualTimeLoop();
  await loop.runUntilComplete(async () => {
    for (const handle of Array.from({ length: 200 }, (_, index) => loop.callLater(3600_000 + index, () => {}))) handle.cancel();
    await sleep(5);
  });
  expect(loop.time()).toBe(5);
  loop.close();
});

base("set_debug", "debug mode can be turned on and off", () => {
  const loop = new EventLoop();
  loop.debug = true;
  expect(loop.debug).toBe(true);
  loop.debug = false;
  expect(loop.debug).toBe(false);
  loop.close();
});

base("env_var_debug", "OFFLOOP_DEBUG=1 turns it on", () => {
  const program = `import { newEventLoop } from "@offloop/core"; console.log(newEventLoop().debug);`;
  const debug = (value: string): string => execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", env: { ...process.env, OFFLOOP_DEBUG: value } }).trim();
  expect([debug("1"), debug("")]).toEqual(["true", "false"]);
});

base("run_until_complete_loop", "a loop refuses futures of another loop", async () => {
  const [loop, other] = [new EventLoop(), new EventLoop()];
  await expect(other.runUntilComplete(new Future({ loop }))).rejects.toThrow(/another loop/);
  loop.close();
  other.close();
});

base("run_until_complete_loop_orphan_future_close_loop", "a loop can be closed after a run that failed", async () => {
  const loop = new EventLoop();
  await expect(loop.runUntilComplete(() => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  loop.close();
  expect(loop.isClosed()).toBe(true);
});

base("run_until_complete_baseexception", "a loop can be run again after a run that failed", async () => {
  const loop = new EventLoop();
  await rejection(loop.runUntilComplete(() => Promise.reject(new Error("no"))));
  expect(await loop.runUntilComplete(() => 2)).toBe(2);
  loop.close();
});

base("default_exc_handler_callback", "an error of a callback is an uncaught exception by default", () => {
  const program = `import { getEventLoop } from "@offloop/core"; process.on("uncaughtException", (error) => console.log("uncaught", error.message)); getEventLoop().callSoon(() => { throw new Error("spam"); });`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8" }).trim()).toBe("uncaught spam");
});

base("default_exc_handler_coro set_exc_handler_custom", "the exception handler gets errors of callbacks and of collected tasks; undefined restores the default", async () => {
  const told: unknown[] = [];
  const loop = new VirtualTimeLoop();
  loop.setExceptionHandler(({ message, error }) => told.push([message.includes("never retrieved"), (error as Error).message]));
  expect(loop.getExceptionHandler()).toBeDefined();
  await run(async () => {
    loop.callSoon(() => {
      throw new Error("in a callback");
    });
    createTask(() => Promise.reject(new Error("in a task")));
    await sleep(1);
  }, { loopFactory: () => loop });
  expect(told).toEqual([[false, "in a callback"], [true, "in a task"]]);
  loop.setExceptionHandler(undefined);
  expect(loop.getExceptionHandler()).toBeUndefined();
});

base("set_exc_handler_invalid", "refuses a handler that is no function", () => {
  expect(() => getRunningLoop().setExceptionHandler("spam" as never)).toThrow(TypeError);
});

base("set_exc_handler_broken default_exc_handler_broken", "an error of the exception handler is reported, and the loop continues", async () => {
  const told: unknown[] = [];
  class Loop extends VirtualTimeLoop {
    override defaultExceptionHandler(context: { message: string }): void {
      told.push(context.message);
    }
  }
  await run(async () => {
    getRunningLoop().setExceptionHandler(() => {
      throw new Error("broken");
    });
    getRunningLoop().callSoon(function spam() {
      throw new Error("first");
    });
    await sleep(1);
  }, { loopFactory: () => new Loop() });
  expect(told).toEqual([expect.stringMatching(/handler threw/), expect.stringMatching(/spam/)]);
});

base("create_task create_named_task_with_default_factory", "createTask of a loop makes a task of that loop, with its name", async () => {
  const loop = new VirtualTimeLoop();
  const task = loop.createTask(() => currentTask()!.getName(), { name: "named" });
  expect([await loop.runUntilComplete(task), task.getLoop()]).toEqual(["named", loop]);
  loop.close();
});

base("single_selecter_event_callback_after_stopping run_forever_pre_stopped", "a stop before the run ends it after one pass", async () => {
  const loop = new VirtualTimeLoop();
  const order: string[] = [];
  loop.callSoon(() => {
    order.push("in the pass");
    loop.callSoon(() => order.push("after it"));
  });
  loop.stop();
  await loop.runForever();
  expect(order).toEqual(["in the pass"]);
  loop.stop();
  await loop.runForever();
  expect(order).toEqual(["in the pass", "after it"]);
  loop.close();
});

base("run_once", "a callback may stop the loop; the rest of its pass runs", async () => {
  const loop = new VirtualTimeLoop();
  const order: string[] = [];
  loop.callSoon(() => loop.stop());
  loop.callSoon(() => order.push("same pass"));
  await loop.runForever();
  expect([order, loop.isRunning()]).toEqual([["same pass"], false]);
  loop.close();
});

base("set_default_executor set_default_executor_error", "setDefaultExecutor refuses a value that is no executor", async () => {
  expect(() => getRunningLoop().setDefaultExecutor(1 as never)).toThrow(/executor/);
});

restates("test_asyncio/test_base_events", "RunningLoopTests")("running_loop_within_a_loop", "a loop refuses to run while another one runs", async () => {
  const other = new EventLoop();
  await run(async () => await expect(other.runForever()).rejects.toThrow(/inside a task/));
  other.close();
});

restates("test_asyncio/test_base_events", "BaseEventLoopWithSelectorTests")("log_slow_callbacks", "debug mode warns of a callback that held the loop, with its name", async () => {
  const program = `import { run, sleep, getRunningLoop } from "@offloop/core";
    process.on("warning", ({ code, message }) => console.log(code, message));
    await run(async () => { getRunningLoop().slowCallbackDurationMs = 20; getRunningLoop().callSoon(function holdsTheLoop() { const end = performance.now() + 40; while (performance.now() < end); }); await sleep(1); }, { debug: true });`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  expect(output).toMatch(/OFFLOOP_SLOW_CALLBACK holdsTheLoop/);
});

mixin("run_until_complete_nesting", "a loop that is being run cannot be run again", inLoop(async () => {
  await expect(getRunningLoop().runUntilComplete(() => 1)).rejects.toThrow(/being run|inside a task/);
}));
mixin("run_until_complete", "runUntilComplete runs until its future is done", async () => {
  const loop = new VirtualTimeLoop();
  await loop.runUntilComplete(() => sleep(100));
  expect(loop.time()).toBe(100);
  loop.close();
});
mixin("run_until_complete_stopped", "runUntilComplete that is stopped throws", async () => {
  const loop = new VirtualTimeLoop();
  const task = loop.createTask(() => sleep(1000));
  loop.callLater(1, () => loop.stop());
  await expect(loop.runUntilComplete(task)).rejects.toThrow(/stopped/);
  task.cancel();
  await rejection(loop.runUntilComplete(task));
  loop.close();
});
mixin("call_soon call_later", "callbacks and timers can end a run that waits for them", async () => {
  const loop = new VirtualTimeLoop();
  const results: unknown[] = [];
  loop.callSoon((...args) => results.push(args), "hello", "world");
  loop.callLater(100, () => {
    results.push(loop.time());
    loop.stop();
  });
  await loop.runForever();
  expect(results).toEqual([["hello", "world"], 100]);
  loop.close();
});
mixin("prompt_cancellation", "a cancelled task ends at once, before its timer is due", inLoop(async () => {
  const task = createTask(() => sleep(10_000));
  await sleep(1);
  task.cancel();
  await rejection(task);
  expect(getRunningLoop().time()).toBe(1);
}));
mixin("timeout_rounding", "consecutive short sleeps end, and none ends early", async () => {
  const began = performance.now();
  for (const delayMs of [0.1, 1, 0.0001, 0.5]) await sleep(delayMs);
  expect(performance.now() - began).toBeGreaterThanOrEqual(1.6);
});
mixin("close", "a loop that never ran can be closed", () => {
  const loop = newEventLoop();
  loop.close();
  expect([loop.isClosed(), loop.isRunning()]).toEqual([true, false]);
});
mixin("run_in_executor", "runInExecutor gives the result of a call on an executor", inLoop(async () => {
  await using executor = new InlineExecutor();
  expect(await getRunningLoop().runInExecutor(executor, (text: string) => text.length, "yo")).toBe(2);
}));
mixin("add_signal_handler", "a handler runs on the loop for its signal, and can be removed", () => {
  const program = `import { run, sleep, getRunningLoop, Future } from "@offloop/core";
    await run(async () => { const got = new Future(); const loop = getRunningLoop(); loop.addSignalHandler("SIGUSR2", (...args) => got.setResult(args), "a", 1); const alive = loop.callLater(60_000, () => {}); process.kill(process.pid, "SIGUSR2"); console.log(JSON.stringify(await got)); alive.cancel(); console.log(loop.removeSignalHandler("SIGUSR2"), loop.removeSignalHandler("SIGUSR2")); });`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8" }).trim()).toBe('["a",1]\ntrue false');
});
mixin("signal_handling_while_selecting signal_handling_args", "a signal wakes a loop that waits for nothing else", () => {
  const program = `import { run, getRunningLoop, Future, sleep } from "@offloop/core";
    await run(async () => { const got = new Future(); getRunningLoop().addSignalHandler("SIGUSR2", () => got.setResult("woken")); const alive = getRunningLoop().callLater(60_000, () => {}); setTimeout(() => process.kill(process.pid, "SIGUSR2"), 20); console.log(await got); alive.cancel(); });`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8" }).trim()).toBe("woken");
});

handles("handle", "a handle can be cancelled, and again", () => {
  const handle = getRunningLoop().callSoon(() => {});
  expect(handle.cancelled()).toBe(false);
  handle.cancel();
  handle.cancel();
  expect(handle.cancelled()).toBe(true);
});
handles("callback_with_exception", "the report of a callback that throws names its handle, and later callbacks run", async () => {
  const told: unknown[] = [];
  const loop = new VirtualTimeLoop();
  loop.setExceptionHandler(({ handle, error }) => told.push([handle !== undefined, (error as Error).message]));
  loop.callSoon(() => {
    throw new Error("spam");
  });
  loop.callSoon(() => told.push("next"));
  loop.callSoon(() => loop.stop());
  await loop.runForever();
  expect(told).toEqual([[true, "spam"], "next"]);
  loop.close();
});
timers("when timer", "a timer knows its time, before and after it was cancelled", () => {
  const loop = new VirtualTimeLoop();
  const timer = loop.callAt(50, () => {});
  expect([timer.when(), timer.cancelled()]).toEqual([50, false]);
  timer.cancel();
  expect([timer.when(), timer.cancelled()]).toEqual([50, true]);
  loop.close();
});
timers("timer_comparison", "timers run in the order of their times, equal ones in the order of scheduling", inLoop(async () => {
  const order: string[] = [];
  const loop = getRunningLoop();
  for (const [name, delayMs] of [["late", 20], ["a", 10], ["b", 10], ["early", 5]] as const) loop.callLater(delayMs, () => order.push(name));
  await sleep(30);
  expect(order).toEqual(["early", "a", "b", "late"]);
}));

policies("event_loop_policy get_event_loop_policy set_event_loop_policy new_event_loop", "a policy makes the loops; undefined restores the standard one", async () => {
  const made: EventLoop[] = [];
  const standard = getEventLoopPolicy().newEventLoop();
  expect(standard).toBeInstanceOf(EventLoop);
  standard.close();
  setEventLoopPolicy({ newEventLoop: () => (made.push(new VirtualTimeLoop()), made[0]!) });
  try {
    expect(await run(() => getRunningLoop())).toBe(made[0]);
  } finally {
    setEventLoopPolicy(undefined);
  }
  expect(() => setEventLoopPolicy({} as never)).toThrow(TypeError);
});
policies("get_event_loop get_event_loop_after_set_none set_event_loop get_event_loop_calls_set_event_loop", "getEventLoop gives the loop that was set, or the thread's own", () => {
  const own = getEventLoop();
  const loop = new EventLoop();
  setEventLoop(loop);
  expect(getEventLoop()).toBe(loop);
  setEventLoop(undefined);
  expect(getEventLoop()).toBe(own);
  expect(() => setEventLoop("loop" as never)).toThrow(TypeError);
  loop.close();
});
policies("get_event_loop_thread", "a worker thread has a loop of its own", async () => {
  const source = `import("node:worker_threads").then(async ({ parentPort }) => {
    const { getEventLoop, run, sleep } = await import(${JSON.stringify(import.meta.resolve("@offloop/core"))});
    parentPort.postMessage([getEventLoop().isRunning(), await run(() => sleep(1, { result: "ran" }))]);
  });`;
  const worker = new Worker(source, { eval: true });
  expect(await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))).toEqual([true, "ran"]);
  await worker.terminate();
});
restates("test_asyncio/test_events", "GetEventLoopTestsMixin")("get_event_loop_returns_running_loop get_event_loop_returns_running_loop2", "inside a run getEventLoop gives the running loop, also after setEventLoop", async () => {
  const loop = new EventLoop();
  setEventLoop(loop);
  try {
    expect(await run(() => getEventLoop() === getRunningLoop() && getEventLoop() !== loop)).toBe(true);
  } finally {
    setEventLoop(undefined);
    loop.close();
  }
});

const threads = restates("test_asyncio/test_threads", "ToThreadTests");
afterAll(() => getRunningLoop().shutdownDefaultExecutor());
threads("to_thread", "toThread gives the result of a call on a thread", async () => expect(await toThread(() => 40 + 2)).toBe(42));
threads("to_thread_exception", "toThread throws the error of the call", async () => {
  await expect(toThread(() => {
    throw new RangeError("test");
  })).rejects.toThrow(RangeError);
});
threads("to_thread_once", "toThread runs its function once", async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  await toThread((shared: Int32Array) => Atomics.add(shared, 0, 1), counter);
  expect(counter[0]).toBe(1);
});
threads("to_thread_concurrent", "many simultaneous calls all run", async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  await gather(Array.from({ length: 10 }, () => toThread((shared: Int32Array) => Atomics.add(shared, 0, 1), counter)));
  expect(counter[0]).toBe(10);
});
threads("to_thread_args_kwargs", "toThread passes its arguments", async () => {
  expect(await toThread((a: number, { b }: { b: number }) => a + b, 1, { b: 2 })).toBe(3);
});
mixin("run_in_executor_cancel", "a call that is cancelled before it starts never runs", async () => {
  await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  const counter = new Int32Array(new SharedArrayBuffer(8));
  const first = runInExecutor(executor, (shared: Int32Array) => void Atomics.wait(shared, 1, 0), counter);
  const second = runInExecutor(executor, (shared: Int32Array) => Atomics.add(shared, 0, 1), counter);
  second.cancel();
  expect((await rejection(second)).name).toBe("CancelledError");
  Atomics.store(counter, 1, 1);
  Atomics.notify(counter, 1);
  await first;
  expect(counter[0]).toBe(0);
});
restates("test_asyncio/test_futures2", "FutureTests")("task_exc_handler_correct_context handle_exc_handler_correct_context", "callbacks run in the context of their scheduling", inLoop(async () => {
  const variable = new ContextVar<string>("variable", { default: "outside" });
  const seen: string[] = [];
  variable.set("scheduled");
  getRunningLoop().callSoon(() => seen.push(variable.get()));
  const future = new Future<void>();
  future.addDoneCallback(() => seen.push(variable.get()));
  await createTask(() => {
    variable.set("of the task");
    future.setResult();
  });
  await sleep(0);
  expect(seen).toEqual(["scheduled", "scheduled"]);
}));
threads("to_thread_contextvars", "a call on a thread sees the caller's values of variables that propagate", async () => {
  const seen = await createTask(async () => {
    work.tenant.set("ada");
    return [await toThread(work.tenantHere), await gather(["x", "y"].map((name) => async () => (work.tenant.set(name), await toThread(work.tenantHere))))];
  });
  expect([seen, await toThread(work.tenantHere)]).toEqual([["ada", ["x", "y"]], "nobody"]);
});
mixin("call_soon_threadsafe call_soon_threadsafe_same_thread", "a worker schedules callbacks on the loop, in order; so does the loop's own thread", async () => {
  work.seen.splice(0);
  await run(async () => {
    await toThread(work.schedulesNotes);
    while (work.seen.length < 2) await sleep(1); // what the worker names is loaded here first
    getRunningLoop().callSoonThreadsafe(work.note, 3);
    getRunningLoop().callSoonThreadsafe(work.note, 4);
    await sleep(0);
  });
  expect(work.seen).toEqual(["main 1", "main 2", "main 3", "main 4"]);
});
base("shutdown_default_executor_timeout", "a default executor that does not end in time is ended", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const deaf = toThread((shared: Int32Array) => {
    Atomics.store(shared, 0, 1);
    for (;;) Atomics.load(shared, 1);
  }, words);
  deaf.catch(() => {});
  while (Atomics.load(words, 0) === 0) await sleep(1);
  await shutdownDefaultExecutor({ timeoutMs: 10 });
  expect((await rejection(deaf)).name).toBe("CancelledError");
});
base("run_until_complete_type_error", "runUntilComplete refuses what is neither a function nor can be awaited", async () => {
  const loop = newEventLoop();
  await expect(loop.runUntilComplete("blah")).rejects.toThrow(TypeError);
  expect(loop.isRunning()).toBe(false);
  loop.close();
});
restates("test_asyncio/test_base_events", "BaseEventLoopWithSelectorTests")("call_coroutine", "callSoon refuses the promise of an async function, with the code to write instead", inLoop(async () => {
  const loop = getRunningLoop();
  const given = (async () => {})();
  for (const schedule of [() => loop.callSoon(given as never), () => loop.callSoonThreadsafe(given as never), () => loop.callLater(60, given as never), () => loop.callAt(loop.time() + 60, given as never)]) {
    expect(schedule).toThrow(/takes a function; got a promise. Write createTask\(fn\) for an async function/);
  }
}));
handles("handle_source_traceback", "in debug mode a handle knows where it was scheduled", inLoop(() => {
  const loop = getRunningLoop();
  loop.debug = true;
  for (const handle of [loop.callSoon(() => {}), loop.callLater(0, () => {}), loop.callAt(loop.time(), () => {})]) expect((handle as unknown as Job).describe().createdAt).toMatch(/events\.test\.ts/);
}));

const threadsafe = restates("test_asyncio/test_tasks", "RunCoroutineThreadsafeTests");
threadsafe("run_coroutine_threadsafe", "a thread runs an async function on the loop, and has its result", async () => {
  expect(await run(() => toThread(work.asksLoop))).toBe(3);
  expect(await run(() => toThread(work.asksLoopSync))).toBe(3);
});
threadsafe("run_coroutine_threadsafe_with_exception", "an error of that function is thrown on the thread", async () => {
  expect(await rejection(run(() => toThread(work.asksLoop, { fail: true })))).toMatchObject({ name: "RangeError", message: "Fail!" });
  expect(await rejection(run(() => toThread(work.asksLoopSync, { fail: true })))).toMatchObject({ name: "RangeError", message: "Fail!" });
});
threadsafe("run_coroutine_threadsafe_with_timeout", "a thread that gives up its wait cancels the task", async () => {
  await run(async () => {
    expect((await rejection(toThread(work.asksLoopBriefly))).name).toBe("CancelledError");
    while (allTasks().size > 1) await sleep(1);
  });
});
threadsafe("run_coroutine_threadsafe_task_cancelled", "a task that is cancelled on the loop is cancelled for the thread", async () => {
  expect((await rejection(run(() => toThread(work.asksLoop, { cancel: true })))).name).toBe("CancelledError");
});
