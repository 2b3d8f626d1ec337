import { createTask, EventLoop, Future, getEventLoop, getRunningLoop, InvalidOptionError, LoopClosedError, newEventLoop, run, setEventLoop, setEventLoopPolicy, sleep, VirtualTimeLoop } from "@offloop/core";
import { execFileSync, spawnSync } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  setEventLoop(undefined);
  setEventLoopPolicy(undefined);
});
const program = (text: string): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } =>
  spawnSync(process.execPath, ["--input-type=module", "-e", text], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 }) as never;

it("a new loop does nothing until it is run, and stop() lets it finish its pass", async () => {
  const loop = newEventLoop();
  const seen: number[] = [];
  loop.callSoon(() => seen.push(1));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(seen).toEqual([]);
  expect(loop.isRunning()).toBe(false);
  loop.callSoon(() => {
    expect(getRunningLoop()).toBe(loop);
    expect(loop.isRunning()).toBe(true);
    loop.stop();
    loop.callSoon(() => seen.push(3));
  });
  loop.callSoon(() => seen.push(2));
  await loop.runForever();
  expect(seen).toEqual([1, 2]);
  loop.stop(); // before it is run: for one pass
  await loop.runForever();
  expect(seen).toEqual([1, 2, 3]);
  loop.close();
});

it("runUntilComplete gives the result, throws the error, and throws if the loop was stopped before", async () => {
  const loop = newEventLoop();
  expect(await loop.runUntilComplete(async () => await sleep(0, { result: 5 }))).toBe(5);
  await expect(loop.runUntilComplete(() => Promise.reject(new RangeError("no")))).rejects.toThrow("no");
  const never = loop.createFuture();
  loop.callSoon(() => loop.stop());
  await expect(loop.runUntilComplete(never)).rejects.toThrow(/stopped before/);
  await expect(loop.runUntilComplete(new Future())).rejects.toThrow(/another loop/);
  loop.close();
});

it("refuses to run a loop within a callback or a task of another one", async () => {
  const [outer, inner] = [newEventLoop(), newEventLoop()];
  let refused: Promise<void> | undefined;
  outer.callSoon(() => {
    refused = inner.runForever();
    refused.catch(() => outer.stop());
  });
  await outer.runForever();
  await expect(refused).rejects.toThrow(/in a callback of a loop that is being run/);
  await expect(run(() => inner.runForever())).rejects.toThrow(/inside a task/);
  expect(() => inner.callSoon(() => {})).not.toThrow();
  outer.close();
  inner.close();
});

it("a closed loop refuses new callbacks and timers", () => {
  const loop = newEventLoop();
  const timer = loop.callLater(1, () => {});
  loop.close();
  loop.close();
  expect(loop.isClosed()).toBe(true);
  expect(() => loop.callSoon(() => {})).toThrow(LoopClosedError);
  expect(() => loop.callLater(1, () => {})).toThrow(LoopClosedError);
  timer.cancel();
});

it("getEventLoop gives the loop that was set, and newEventLoop makes one by the policy", () => {
  const mine = newEventLoop();
  setEventLoop(mine);
  expect(getEventLoop()).toBe(mine);
  expect(getRunningLoop()).not.toBe(mine);
  setEventLoopPolicy({ newEventLoop: () => new VirtualTimeLoop() });
  expect(newEventLoop()).toBeInstanceOf(VirtualTimeLoop);
  expect(() => setEventLoop(5 as never)).toThrow(TypeError);
  expect(() => setEventLoopPolicy({} as never)).toThrow(TypeError);
});

it("virtual time passes at once, in order, and stops during a call on a thread", async () => {
  const order: string[] = [];
  const loop = new VirtualTimeLoop();
  await run(
    async () => {
      const tasks = [3_600_000, 5, 60_000].map((ms) => createTask(() => sleep(ms)).then(() => order.push(`${ms}@${loop.time()}`)));
      await Promise.all(tasks);
    },
    { loopFactory: () => loop },
  );
  expect(order).toEqual(["5@5", "60000@60000", "3600000@3600000"]);
  const { toThread, timeout } = await import("@offloop/core");
  const { add } = await import("../fixtures/work.mjs");
  expect(await run(() => timeout(1, () => toThread(add, 1, 2)), { loopFactory: () => new VirtualTimeLoop() })).toBe(3);
});

it("a seed decides the order of callbacks that are ready together", async () => {
  const orderOf = async (seed: number): Promise<string> => {
    const order: number[] = [];
    await run(() => Promise.all(Array.from({ length: 8 }, (_, index) => createTask(() => order.push(index)))), { loopFactory: () => new VirtualTimeLoop({ seed }) });
    return order.join("");
  };
  expect(await orderOf(1)).toBe(await orderOf(1));
  const orders = new Set<string>();
  for (const seed of [1, 2, 3, 4]) orders.add(await orderOf(seed));
  expect(orders.size).toBeGreaterThan(1);
  expect(() => new VirtualTimeLoop({ seed: Infinity })).toThrow(InvalidOptionError);
});

it("cancelled timers do not keep the process alive, and runForever does", () => {
  const done = program(`import { getEventLoop } from "@offloop/core"; getEventLoop().callLater(600_000, () => {}).cancel(); console.log("end");`);
  expect([done.stdout, done.status]).toEqual(["end\n", 0]);
  const forever = program(`import { newEventLoop } from "@offloop/core"; const loop = newEventLoop(); setTimeout(() => loop.stop(), 30).unref(); await loop.runForever(); console.log("stopped");`);
  expect(forever.stdout).toBe("stopped\n");
});

it("names the tasks that nothing can wake when the process ends", () => {
  const { stderr } = program(`import { run, Future } from "@offloop/core"; await run(async () => { await new Future(); });`);
  expect(stderr).toMatch(/ends before the end of main\. No timer, I\/O or callback is left/);
});

it("an error of a callback is an uncaught exception by default", () => {
  const { stderr, status } = program(`import { getEventLoop } from "@offloop/core"; getEventLoop().callSoon(() => { throw new Error("mishap"); });`);
  expect(stderr).toMatch(/mishap/);
  expect(status).toBe(1);
});

it("reports both errors when the exception handler itself throws", () => {
  const loop = newEventLoop();
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  loop.setExceptionHandler(() => {
    throw new Error("handler");
  });
  loop.callExceptionHandler({ message: "first", error: new Error("e") });
  expect(told.mock.calls.map(([message]) => message)).toEqual(["The exception handler threw", "first"]);
  told.mockRestore();
  expect(loop.getExceptionHandler()).toBeTypeOf("function");
  loop.close();
});

it("debug mode names slow callbacks, and where a task waits", async () => {
  const warnings: string[] = [];
  const listen = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", listen);
  const stack = await run(
    async () => {
      getRunningLoop().slowCallbackDurationMs = 5;
      getRunningLoop().callSoon(function computes() {
        const end = performance.now() + 8;
        while (performance.now() < end);
      });
      const task = createTask(async function waitsLong() {
        await sleep(60_000);
      });
      await sleep(0);
      await sleep(0);
      const lines: string[] = [];
      task.printStack((text) => void lines.push(text));
      task.cancel();
      return lines.join("");
    },
    { debug: true },
  );
  await vi.waitUntil(() => warnings.length > 0);
  process.off("warning", listen);
  expect(warnings.join()).toMatch(/computes, scheduled at .*running\.test\.ts.*held the event loop/);
  expect(stack).toMatch(/waitsLong/);
  expect(() => (new EventLoop().slowCallbackDurationMs = 0)).toThrow(InvalidOptionError);
});

it("signal handlers run on the loop and can be removed", async () => {
  const text = `import { getEventLoop } from "@offloop/core"; const loop = getEventLoop();
    const alive = setInterval(() => {}, 1000);
    loop.addSignalHandler("SIGUSR2", (word) => { console.log(word, loop.removeSignalHandler("SIGUSR2"), loop.removeSignalHandler("SIGUSR2")); clearInterval(alive); }, "got");
    process.kill(process.pid, "SIGUSR2");`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", text], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 })).toBe("got true false\n");
  expect(() => getEventLoop().addSignalHandler("SIGKILL", () => {})).toThrow(/can be handled/);
  expect(() => getEventLoop().addSignalHandler("SIGNOTHING" as never, () => {})).toThrow(/a signal that this system has/);
});

it("runs a main while another loop of the thread is being run, and leaves that one alone", async () => {
  const loop = newEventLoop();
  expect(await loop.runUntilComplete(new Promise((resolve) => setTimeout(() => void run(() => getRunningLoop() === loop).then(resolve), 1)))).toBe(false);
  expect(await loop.runUntilComplete(() => sleep(0, { result: "still runs" }))).toBe("still runs");
  loop.close();
});

it("each thread has its own loop", async () => {
  const { toThread } = await import("@offloop/core");
  const { runsTasks } = await import("../fixtures/work.mjs");
  expect(await toThread(runsTasks)).toEqual(["inner", "main"]);
});

it("debug mode names the tasks that are pending when the process ends", () => {
  const { stderr } = program(`import { createTask, Future, getEventLoop } from "@offloop/core"; getEventLoop().debug = true; createTask(async () => { await new Future(); }, { name: "forgotten" });`);
  expect(stderr).toMatch(/ends before the end of forgotten/);
});

it("callSoonThreadsafe is callSoon on the loop's own thread", async () => {
  expect(await new Promise((resolve) => void getEventLoop().callSoonThreadsafe(resolve, "ran"))).toBe("ran");
});
