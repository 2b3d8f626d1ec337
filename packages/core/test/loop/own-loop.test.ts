// What run() did not start stays on the thread's default loop, whatever else runs on the thread. In CPython each thread
// runs one loop, so there a second user needs a thread; each of these programs gives what it gives with one thread a user.
import { AsyncLocalStorage } from "node:async_hooks";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { allTasks, createTask, detached, Future, gather, getEventLoop, getRunningLoop, newEventLoop, Queue, run, Runner, shutdownDefaultExecutor, sleep, taskGroup, timeout, toThread } from "@offloop/core";
import { expect, it } from "vitest";

const shared = getRunningLoop();

/** A promise that the test resolves. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open!: () => void;
  return { passed: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
}

it("tasks, timers and waits that another request starts during run() outlive it", async () => {
  const [mainRuns, othersWait, mainEnded] = [gate(), gate(), gate()];
  const seen: string[] = [];
  const other = mainRuns.passed.then(async () => {
    const loops = [getRunningLoop(), createTask(() => sleep(20)).getLoop(), new Future().getLoop(), gather([]).getLoop()];
    const task = createTask(async () => {
      await sleep(1);
      await mainEnded.passed;
      await sleep(1);
      seen.push(`task ${getRunningLoop() === shared}`);
      return "done";
    });
    const late = async <T>(result: T): Promise<T> => (await mainEnded.passed, await sleep(1, { result })) as T;
    const waits = [task, timeout(10_000, () => late("in time")), late("slept"), taskGroup(async (group) => await group.createTask(() => late("grouped")))];
    othersWait.open();
    const results = await Promise.all(waits);
    return { loops: new Set(loops), results };
  });
  const mine = await run(async () => {
    mainRuns.open();
    await othersWait.passed;
    return getRunningLoop();
  });
  mainEnded.open();
  expect(mine).not.toBe(shared);
  expect(mine.isClosed()).toBe(true);
  expect(await other).toEqual({ loops: new Set([shared]), results: ["done", "in time", "slept", "grouped"] });
  expect(seen).toEqual(["task true"]);
});

it("a promise that a task of run() settles does not bring its followers onto that loop", async () => {
  let resolve!: () => void;
  const settled = new Promise<void>((done) => (resolve = done));
  const follower = settled.then(() => [getRunningLoop() === shared, createTask(() => sleep(1)).getLoop() === shared]);
  await run(async () => {
    await sleep(1);
    resolve();
    await sleep(1);
  });
  expect(await follower).toEqual([true, true]);
});

it("an emitter's listener belongs to the loop of the code that emits, as it runs in its task", async () => {
  const emitter = new EventEmitter();
  const loops: unknown[] = [];
  emitter.on("event", () => loops.push(getRunningLoop()));
  const inner = await run(async () => {
    emitter.emit("event");
    return getRunningLoop();
  });
  emitter.emit("event");
  expect(loops).toEqual([inner, shared]);
});

it("what a main starts belongs to its loop: timers of Node, callbacks, done callbacks, functions of calls", async () => {
  await run(async () => {
    const loop = getRunningLoop();
    const here = (): boolean => getRunningLoop() === loop;
    const future = new Future<void>();
    const seen = await Promise.all([
      new Promise((resolve) => setTimeout(() => resolve(here()), 1)),
      new Promise((resolve) => setImmediate(() => resolve(here()))),
      new Promise((resolve) => void loop.callSoon(() => resolve(here()))),
      new Promise((resolve) => void loop.callLater(1, async () => (await Promise.resolve(), resolve(here())))),
      new Promise((resolve) => (future.addDoneCallback(() => resolve(here())), future.setResult())),
      detached(async () => (await Promise.resolve(), here())),
      createTask(here),
      once(process, "offloop-test").then(here),
      Promise.resolve(process.emit("offloop-test" as never)).then(here),
    ]);
    expect(seen).toEqual(seen.map(() => true));
  });
});

it("a function that a call requests runs on the loop of the code that made the call", async () => {
  const { asksForLoop } = await import("../fixtures/loops.mjs");
  const key = Symbol.for("offloop.test.loops");
  (globalThis as never as Record<symbol, unknown>)[key] = (): boolean => getRunningLoop() === shared;
  try {
    const [outside, inside] = await Promise.all([toThread(asksForLoop), run(async () => await toThread(asksForLoop))]);
    expect([outside, inside]).toEqual([[true, true], [false, false]]);
  } finally {
    await shutdownDefaultExecutor();
  }
});

it("several mains run at once, each on its loop, and end one after another", async () => {
  const ends: string[] = [];
  const shortEnded = gate();
  const main = (name: string, wait: () => PromiseLike<unknown>) => async (): Promise<unknown> => {
    const left = createTask(() => sleep(60_000), { name: `left by ${name}` });
    await wait();
    expect(allTasks().size).toBe(2);
    left.addDoneCallback((task) => ends.push(`${name} ${task.cancelled()}`));
    return getRunningLoop();
  };
  const runner = new Runner();
  const loops = await Promise.all([run(main("long", () => shortEnded.passed)), run(main("short", () => sleep(1))).finally(shortEnded.open), runner.run(main("runner", () => sleep(1)))]);
  expect(new Set(loops).size).toBe(3);
  expect(ends).toEqual(["short true", "long true"]);
  await runner.close();
  expect(ends).toEqual(["short true", "long true", "runner true"]);
});

it("a server's handler may call run(): each request has a loop of its own", async () => {
  const name = new AsyncLocalStorage<string>();
  const server = createServer((request, response) => {
    void name.run(request.url!, async () => {
      const answer = await run(async () => {
        const queue = new Queue<string>();
        createTask(async () => (await sleep(5), queue.putNowait(name.getStore()!)));
        return await queue.get();
      }).catch((error: unknown) => String(error));
      response.end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answers = await Promise.all(["/a", "/b", "/c", "/d"].map(async (path) => (await fetch(base + path)).text()));
    expect(answers).toEqual(["/a", "/b", "/c", "/d"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it("run() is refused where it would wait for itself: in a task, and in a callback of a loop that runs", async () => {
  await expect(run(() => run(() => 1))).rejects.toThrow(/inside a task/);
  const loop = newEventLoop();
  const refused = loop.runUntilComplete(new Promise((resolve) => void loop.callSoon(() => void run(() => 1).catch(resolve))));
  expect(String(await refused)).toMatch(/in a callback of a loop that is being run/);
  loop.close();
  expect(getEventLoop()).toBe(shared);
});

it("code that a closed run() left behind goes on on the default loop", async () => {
  let after!: Promise<unknown>;
  const closed = gate();
  await run(() => {
    after = closed.passed.then(async () => [getRunningLoop() === shared, await createTask(() => sleep(1, { result: "ran" }))]);
  });
  closed.open();
  expect(await after).toEqual([true, "ran"]);
});

it("a signal cancels every main, and ends the process after the last clean-up; rejections keep their effect", async () => {
  const program = (text: string) => promisify(execFile)(process.execPath, ["--input-type=module", "-e", text], { cwd: import.meta.dirname, timeout: 30_000 });
  const signalled = program(`import { run, sleep } from "@offloop/core";
    let begun = 0;
    const main = (name, cleanUp) => async () => {
      begun += 1;
      if (begun === 2) setImmediate(() => process.kill(process.pid, "SIGTERM"));
      try { await sleep(60_000); } finally { await cleanUp(); console.log(name); }
    };
    const quick = run(main("quick", () => sleep(1))).catch(() => {});
    await Promise.allSettled([quick, run(main("slow", () => quick))]);`);
  await expect(signalled).rejects.toMatchObject({ stdout: "quick\nslow\n", signal: "SIGTERM" });
  const rejected = program(`import { run, sleep } from "@offloop/core";
    await Promise.all([run(() => sleep(50)), run(async () => { Promise.reject(new RangeError("nobody's")); await sleep(50); console.log("went on"); })]);`);
  await expect(rejected).rejects.toMatchObject({ stdout: "", code: 1, stderr: expect.stringContaining("RangeError: nobody's") as unknown });
});

it("the default executor that was there before run() is there after it", async () => {
  const { threadId } = await import("../fixtures/loops.mjs");
  const before = await toThread(threadId);
  const during = await run(() => toThread(threadId));
  expect([during, await toThread(threadId)]).toEqual([before, before]);
  await shutdownDefaultExecutor();
  const inner = await run(() => toThread(threadId));
  expect(await toThread(threadId)).not.toBe(inner); // run() found none, and shut its own down
  await shutdownDefaultExecutor();
});
