import { CancelledError, ContextVar, createTask, currentTask, getRunningLoop, run, Runner, sleep } from "@offloop/core";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";

it("cancels and awaits the remaining tasks, and closes its loop", async () => {
  const steps: string[] = [];
  const loop = await run(async () => {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(1);
        steps.push("cleaned up");
      }
    });
    await sleep(0);
    return getRunningLoop();
  });
  expect(steps).toEqual(["cleaned up"]);
  expect(loop.isClosed()).toBe(true);
});

it("reports tasks that fail while they are cancelled to the exception handler", async () => {
  const told: unknown[] = [];
  await run(async () => {
    getRunningLoop().setExceptionHandler(({ error }) => void told.push((error as Error).message));
    createTask(async () => {
      try {
        await sleep(60_000);
      } catch {
        throw new Error("in clean-up");
      }
    });
    await sleep(0);
  });
  expect(told).toEqual(["in clean-up"]);
});

it("refuses a promise in place of the function", async () => {
  await expect(run(Promise.resolve() as never)).rejects.toThrow(/run\(main\)/);
});

it("a Runner runs several mains on one loop, which share a context", async () => {
  const variable = new ContextVar<number>("runner", { default: 0 });
  await using runner = new Runner();
  const first = await runner.run(() => {
    variable.set(5);
    return getRunningLoop();
  });
  expect(await runner.run(() => [variable.get(), getRunningLoop() === first, currentTask()?.getName()])).toEqual([5, true, "main"]);
  expect(variable.get()).toBe(0);
  await runner.close();
  await expect(runner.run(() => 1)).rejects.toThrow(/closed/);
});

it("a cancelled async function that no code awaits does not end the program", async () => {
  let floating: Promise<unknown> | undefined;
  const value = await run(async () => {
    floating = (async () => await sleep(60_000))();
    return await Promise.resolve("went on");
  });
  expect(value).toBe("went on");
  expect(floating).toBeDefined();
});

const signalled = async (text: string, signals: NodeJS.Signals[], flags: string[] = []): Promise<{ out: string; code: number | null; signal: string | null }> => {
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", `import { Event, getRunningLoop, run, sleep } from "@offloop/core"; ${text}`], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
    // One signal for each line: the program says when it is ready.
    if (signals.length > 0) child.kill(signals.shift());
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { out, code, signal };
};

it("a signal cancels the main task, and ends the program after the clean-up", async () => {
  const main = `await run(async () => { try { console.log("ready"); await sleep(60_000); } finally { await sleep(1); console.log("cleaned up"); } });`;
  expect(await signalled(main, ["SIGTERM"])).toEqual({ out: "ready\ncleaned up\n", code: null, signal: "SIGTERM" });
});

it("the program exits with 0 if main handles its cancellation; a second signal ends it at once", async () => {
  const graceful = `console.log(await run(async () => { try { console.log("ready"); await sleep(60_000); } catch { return "drained"; } }));`;
  expect(await signalled(graceful, ["SIGINT"])).toEqual({ out: "ready\ndrained\n", code: 0, signal: null });
  const stuck = `await run(async () => { try { console.log("ready"); await sleep(60_000); } finally { console.log("stuck"); await sleep(60_000); } });`;
  expect(await signalled(stuck, ["SIGTERM", "SIGTERM"])).toEqual({ out: "ready\nstuck\n", code: null, signal: "SIGTERM" });
});

it("rejects with the CancelledError of a cancelled main", async () => {
  await expect(
    run(async () => {
      currentTask()!.cancel("enough");
      await sleep(0);
    }),
  ).rejects.toBeInstanceOf(CancelledError);
});

it.each([
  ["addSignalHandler", `getRunningLoop().addSignalHandler("SIGTERM", handle)`],
  ["process.on", `process.on("SIGTERM", handle)`],
  ["process.once", `process.once("SIGTERM", handle)`],
])("a handler that is added inside run by %s takes the place of the cancellation", async (_name, add) => {
  const main = `console.log(await run(async () => { const stop = new Event(), handle = () => stop.set(); ${add}; const alive = setInterval(() => {}, 60_000); console.log("ready"); await stop.wait(); clearInterval(alive); return "drained"; }));`;
  expect(await signalled(main, ["SIGTERM"])).toEqual({ out: "ready\ndrained\n", code: 0, signal: null });
});

it("a running loop with a signal handler keeps waiting for the signal", async () => {
  const main = `console.log(await run(async () => { const stop = new Event(); getRunningLoop().addSignalHandler("SIGUSR2", () => stop.set()); console.log("ready"); await stop.wait(); getRunningLoop().removeSignalHandler("SIGUSR2"); return "stopped"; }));`;
  expect(await signalled(main, ["SIGUSR2"])).toEqual({ out: "ready\nstopped\n", code: 0, signal: null });
});

it.each([
  ["throw", "", 1],
  ["warn", "went on\n", 0],
  ["none", "went on\n", 0],
  ["warn-with-error-code", "went on\n", 1],
  ["strict", "", 1],
])("leaves unhandled rejections to --unhandled-rejections=%s", async (mode, out, code) => {
  const main = `process.stderr.write = () => true; await run(async () => { Promise.reject(new Error("nobody's")); await sleep(100); console.log("went on"); });`;
  for (const flags of [[`--unhandled-rejections=${mode}`], ["--unhandled-rejections", mode]]) expect(await signalled(main, [], flags)).toEqual({ out, code, signal: null });
});
