// run and Runner: their own loop, what they clean up at the end, and signals.
import { allTasks, ContextVar, createTask, currentTask, type EventLoop, Future, getEventLoop, getRunningLoop, run, Runner, sleep, VirtualTimeLoop } from "@offloop/core";
import { spawn } from "node:child_process";
import { expect } from "vitest";
import { rejection, restates } from "./restates.js";

const its = restates("test_asyncio/test_runners", "RunTests");
const runners = restates("test_asyncio/test_runners", "RunnerTests");
const loopFactory = () => new VirtualTimeLoop();
const forever = () => sleep(3_600_000);

its("asyncio_run_return", "run gives the value of main", async () => {
  expect(await run(async () => (await sleep(0), 42))).toBe(42);
});

its("asyncio_run_raises", "run throws the error of main", async () => {
  const error = new RangeError("spam");
  expect(await rejection(run(() => Promise.reject(error)))).toBe(error);
});

its("asyncio_run_only_coro", "run refuses a value that is no function", async () => {
  for (const wrong of [1, Promise.resolve(1), undefined]) await expect(run(wrong as never)).rejects.toThrow(/run\(main\)/);
});

its("asyncio_run_debug", "the option debug sets debug mode", async () => {
  for (const debug of [true, false]) expect(await run(() => getRunningLoop().debug, { debug })).toBe(debug);
});

its("asyncio_run_from_running_loop", "run refuses to run inside a task", async () => {
  await expect(run(() => run(() => 1))).rejects.toThrow(/inside a task/);
});

its("asyncio_run_cancels_hanging_tasks", "remaining tasks are cancelled and awaited", async () => {
  const steps: string[] = [];
  await run(async () => {
    createTask(async () => {
      try {
        await forever();
      } finally {
        await sleep(10);
        steps.push("cleaned up");
      }
    });
    await sleep(0);
  }, { loopFactory });
  expect(steps).toEqual(["cleaned up"]);
});

its("asyncio_run_reports_hanging_tasks_errors", "errors of tasks that are being cancelled go to the exception handler", async () => {
  const errors: unknown[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler(({ error }) => errors.push(error));
    createTask(async () => {
      try {
        await forever();
      } catch {
        throw new RangeError("while cancelled");
      }
    });
    await sleep(0);
  }, { loopFactory });
  expect(errors).toEqual([expect.any(RangeError)]);
});

its("asyncio_run_closes_gens_after_hanging_tasks_errors", "async generators of cancelled tasks run their finally blocks", async () => {
  const steps: string[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler(() => {});
    createTask(async () => {
      for await (const each of (async function* () {
        try {
          yield await sleep(1, { result: "item" });
          await forever();
        } finally {
          steps.push("closed");
        }
      })()) steps.push(each);
    });
    await sleep(10);
  }, { loopFactory });
  expect(steps).toEqual(["item", "closed"]);
});

its("asyncio_run_set_event_loop", "run closes its loop afterwards and restores the thread's own", async () => {
  const before = getEventLoop();
  const loop = await run(() => getRunningLoop());
  expect([loop.isClosed(), loop === before, getEventLoop() === before]).toEqual([true, false, true]);
});

its("asyncio_run_without_uncancel", "a main task that cancelled itself ends run with its cancellation", async () => {
  expect((await rejection(run(async () => {
    currentTask()!.cancel();
    await forever();
  }, { loopFactory }))).name).toBe("CancelledError");
});

its("asyncio_run_loop_factory loop_factory_default_event_loop", "run makes the loop by the given factory", async () => {
  let made: EventLoop | undefined;
  expect(await run(() => getRunningLoop() === made, { loopFactory: () => (made = new VirtualTimeLoop()) })).toBe(true);
  expect(made!.isClosed()).toBe(true);
});

runners("non_debug debug", "a runner's loop has the given debug mode", async () => {
  for (const debug of [true, false]) {
    await using runner = new Runner({ debug });
    expect(runner.getLoop().debug).toBe(debug);
  }
});

runners("custom_factory", "a runner makes its loop once, with its factory", async () => {
  let times = 0;
  await using runner = new Runner({ loopFactory: () => (times++, new VirtualTimeLoop()) });
  expect(runner.getLoop()).toBe(runner.getLoop());
  await runner.run(() => sleep(1));
  expect(times).toBe(1);
});

runners("run", "a runner runs several mains on one loop", async () => {
  await using runner = new Runner({ loopFactory });
  const loop = runner.getLoop();
  expect(await runner.run(async () => [await sleep(1, { result: "first" }), getRunningLoop() === loop])).toEqual(["first", true]);
  expect(await runner.run(async () => [await sleep(1, { result: "second" }), getRunningLoop() === loop])).toEqual(["second", true]);
});

runners("run_non_coro run_future", "a runner refuses a value that is no function", async () => {
  await using runner = new Runner();
  await expect(runner.run(123 as never)).rejects.toThrow(TypeError);
  await expect(runner.run(new Future<void>() as never)).rejects.toThrow(TypeError);
});

runners("explicit_close double_close second_with_block_raises", "a closed runner refuses to run; a second close() has no effect", async () => {
  const runner = new Runner();
  const loop = runner.getLoop();
  await runner.close();
  await runner.close();
  expect(loop.isClosed()).toBe(true);
  expect(() => runner.getLoop()).toThrow(/closed/);
  await expect(runner.run(() => 1)).rejects.toThrow(/closed/);
});

runners("run_keeps_context", "the mains of a runner share a context", async () => {
  const variable = new ContextVar<number>("variable", { default: -1 });
  const set = (value: number) => async () => {
    const old = variable.get();
    variable.set(value);
    return old;
  };
  await using runner = new Runner();
  expect([await runner.run(set(1)), await runner.run(set(2)), await runner.run(() => variable.get()), variable.get()]).toEqual([-1, 1, 2, -1]);
});

runners("recursive_run", "a runner refuses to run inside its own task", async () => {
  await using runner = new Runner();
  await expect(runner.run(() => runner.run(() => 1))).rejects.toThrow(/inside a task/);
});

runners("set_event_loop_called_once", "a runner's loop is the running one only while a main runs", async () => {
  const outside = getEventLoop();
  await using runner = new Runner();
  const seen = [await runner.run(() => getEventLoop()), getEventLoop(), await runner.run(() => getEventLoop())];
  expect(seen).toEqual([runner.getLoop(), outside, runner.getLoop()]);
});

runners("no_repr_is_call_on_the_task_result", "a result is returned without being inspected", async () => {
  const result = { toString: () => { throw new Error("looked into"); } };
  expect(await run(() => result)).toBe(result);
});

/** Runs a program, sends it SIGINT when it prints "ready", and gives its output and how it ended. */
async function interrupted(source: string, signals = 1): Promise<{ output: string; end: unknown }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let sent = 0;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    while (sent < signals && output.split("ready").length - 1 > sent) {
      sent += 1;
      child.kill("SIGINT");
    }
  });
  return await new Promise((resolve) => child.on("close", (code, signal) => resolve({ output, end: signal ?? code })));
}
const prelude = `import { run, sleep, createTask, currentTask } from "@offloop/core";`;

runners("interrupt_call_soon interrupt_wait", "SIGINT cancels the main task, which cleans up, and then ends the process", async () => {
  const { output, end } = await interrupted(`${prelude}
    await run(async () => { try { console.log("ready"); await sleep(60_000); } catch (error) { console.log(error.name); throw error; } finally { await sleep(1); console.log("cleaned up"); } });`);
  expect(output.trim().split("\n")).toEqual(["ready", "CancelledError", "cleaned up"]);
  expect(end).toBe("SIGINT");
});

runners("interrupt_cancelled_task", "a main task that calls uncancel() after its interruption continues, and run returns", async () => {
  const { output, end } = await interrupted(`${prelude}
    console.log(await run(async () => { try { console.log("ready"); await sleep(60_000); } catch { currentTask().uncancel(); await sleep(1); return "went on"; } }));`);
  expect([output.trim().split("\n"), end]).toEqual([["ready", "went on"], 0]);
});

runners("signal_install_not_supported_ok", "run does not handle a signal that the program handles itself", async () => {
  const { output, end } = await interrupted(`${prelude}
    let wake; process.on("SIGINT", () => { console.log("mine"); wake(); });
    await run(async () => { await new Promise((resolve) => { wake = resolve; console.log("ready"); setTimeout(() => {}, 60_000).unref(); const alive = setInterval(() => {}, 1000); wake = () => { clearInterval(alive); resolve(); }; }); });
    console.log("end");`);
  expect([output.trim().split("\n"), end]).toEqual([["ready", "mine", "end"], 0]);
});

restates("test_asyncio/test_events", "EventLoopTestsMixin")("close_running_event_loop", "a loop that is being run cannot be closed", async () => {
  await expect(run(() => getRunningLoop().close())).rejects.toThrow(/stop\(\)/);
  expect(allTasks().size).toBe(0);
});
