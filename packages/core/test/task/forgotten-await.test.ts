// A forgotten await: `save();` in place of `await save();`. In CPython such a coroutine never runs, and "coroutine 'save'
// was never awaited" is a warning. Here its code has begun: run() cancels its wait, and debug mode names the place.
import { spawnSync } from "node:child_process";
import { createTask, Event, Future, InvalidStateError, Queue, race, run, sleep, taskGroup, timeout, toThread } from "@offloop/core";
import { expect, it } from "vitest";
import { untilCancelled } from "../fixtures/never.mjs";

/** Runs `main`. @returns how each piece of code that it forgot has ended */
async function endsOf(main: (forget: (wait: () => PromiseLike<unknown>) => void) => unknown): Promise<string[]> {
  const ends: string[] = [];
  const forget = (wait: () => PromiseLike<unknown>): void =>
    void (async () => {
      try {
        await wait();
        ends.push("went on");
      } catch (error) {
        ends.push((error as Error).name);
        throw error;
      } finally {
        ends.push("finally");
      }
    })();
  await run(async () => {
    await main(forget);
  });
  return ends;
}

it.each<[string, () => PromiseLike<unknown>]>([
  ["a timer", () => sleep(60_000)],
  ["a future", () => new Future()],
  ["an event", () => new Event().wait()],
  ["a queue", () => new Queue().get()],
  ["a time-out", () => timeout(60_000, () => new Future())],
  ["a call", () => toThread(untilCancelled)],
  ["a task", () => createTask(() => sleep(60_000))],
  ["several", () => Promise.all([sleep(60_000), new Future()])],
])("code that waits for %s is cancelled at the end of run(), and its finally block runs", async (_name, wait) => {
  expect(await endsOf((forget) => forget(wait))).toEqual(["CancelledError", "finally"]);
  expect(await endsOf((forget) => createTask(() => forget(wait)))).toEqual(["CancelledError", "finally"]);
  expect(await endsOf((forget) => taskGroup((group) => void group.createTask(() => forget(wait))))).toEqual(["CancelledError", "finally"]);
});

it("code that ends before run() does is left alone, and so is its error", async () => {
  expect(await endsOf(async (forget) => (await createTask(() => forget(() => sleep(1))), await sleep(20)))).toEqual(["went on", "finally"]);
  const seen: unknown[] = [];
  const listener = (reason: unknown): void => void seen.push(reason);
  process.on("unhandledRejection", listener);
  try {
    await run(async () => {
      void (async () => {
        await sleep(1);
        throw new InvalidStateError("the code's own");
      })();
      await sleep(20);
    });
  } finally {
    process.off("unhandledRejection", listener);
  }
  expect(seen).toEqual([expect.objectContaining({ message: "the code's own" })]);
});

/** The warnings of a program in debug mode. */
function warningsOf(main: string): string[] {
  const text = `import { createTask, gather, race, run, sleep, taskGroup, timeout } from "@offloop/core";
    async function save() { await sleep(60_000); }
    await run(async () => { ${main} }, { debug: true });`;
  const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", text], { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 });
  expect(status).toBe(0);
  return [...stderr.matchAll(/\[OFFLOOP_FORGOTTEN_AWAIT\] Warning: (.*)/g)].map(([, warning]) => warning!);
}

it("debug mode names the task and the place", () => {
  expect(warningsOf("save(); await sleep(1);")).toEqual([expect.stringMatching(/^main ended, and code that it started still waits at .*save.*\. Await that code, or start it by createTask\(\)/)]);
  expect(warningsOf(`await createTask(async () => { save(); }, { name: "importer" }); await sleep(1);`)).toEqual([expect.stringMatching(/^importer ended, .* at .*save/)]);
  expect(warningsOf("save(); save(); await sleep(1);")).toHaveLength(2);
});

it.each([
  ["await createTask(save).getLoop().time();"],
  ["createTask(save); await sleep(1);"],
  ["await race([save, () => sleep(1)]);"],
  ["await timeout(1, save).catch(() => {});"],
  ["await taskGroup((group) => { group.createTask(save); throw new Error(); }).catch(() => {});"],
  ["const task = createTask(() => Promise.all([save(), save()])); await sleep(1); task.cancel(); await task.catch(() => {});"],
  ["await gather([() => sleep(1), () => sleep(2)]);"],
])("debug mode says nothing of %s", (main) => {
  expect(warningsOf(main)).toEqual([]);
});

it("race() leaves no wait", async () => {
  expect(await run(() => race([new Future<string>(), sleep(1, { result: "first" })]))).toBe("first");
});
