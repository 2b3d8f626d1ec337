// Async generators that are driven by hand and left open. CPython closes them at the end of asyncio.run(), by its hooks
// (`sys.set_asyncgen_hooks`). Here debug mode does.
import { createTask, getRunningLoop, run, sleep } from "@offloop/core";
import { expect, it, onTestFinished } from "vitest";

const prototype = Object.getPrototypeOf(async function* () {}.prototype) as object;
const nativeMethods = Object.getOwnPropertyDescriptors(prototype);

/** Counts from 0. @param steps gets "closed" when the `finally` block has run */
async function* numbers(steps: string[], cleanUp?: () => unknown): AsyncGenerator<number> {
  try {
    for (let number = 0; ; number++) yield number;
  } finally {
    await sleep(1);
    await cleanUp?.();
    steps.push("closed");
  }
}

/** The warnings about generators that `main` in debug mode leads to. */
async function warningsOf(main: () => unknown): Promise<string[]> {
  const warnings: string[] = [];
  const listener = (warning: Error & { code?: string }): void => void (warning.code === "OFFLOOP_OPEN_GENERATOR" && warnings.push(warning.message));
  process.on("warning", listener);
  onTestFinished(() => void process.off("warning", listener));
  await run(async () => void (await main()), { debug: true });
  await new Promise(setImmediate);
  return warnings;
}

it("closes them at the end of run(), and names the task and the place", async () => {
  const steps: string[] = [];
  const warnings = await warningsOf(async () => {
    const mine = numbers(steps);
    await mine.next();
    await mine.next();
    await createTask(async () => void (await numbers(steps).next()), { name: "importer" });
    steps.push("main ends");
  });
  expect(steps).toEqual(["main ends", "closed", "closed"]);
  expect(warnings).toEqual([expect.stringMatching(/begun by main at .*open-generators\.test\.ts/), expect.stringMatching(/begun by importer at .*open-generators\.test\.ts/)]);
  expect(Object.getOwnPropertyDescriptors(prototype)).toEqual(nativeMethods);
});

it.each<[string, (steps: string[]) => unknown]>([
  ["has not begun", (steps) => numbers(steps)],
  ["was closed by its loop", async (steps) => { for await (const each of numbers(steps)) if (each === 2) break; }],
  ["was closed by hand", async (steps) => { const made = numbers(steps); await made.next(); await made.return(undefined); }],
  ["ended", async () => { for await (const _ of (async function* () { yield 1; })()); }],
  ["threw", async () => { const made = (async function* () { yield 1; throw new RangeError(); })(); await made.next(); await made.next().catch(() => {}); }],
  ["was cancelled with its task", async (steps) => { createTask(async () => { for await (const _ of numbers(steps)) await sleep(60_000); }); await sleep(1); }],
])("says nothing of a generator that %s", async (_, main) => {
  expect(await warningsOf(() => main([]))).toEqual([]);
});

it("leaves generators of other code alone", async () => {
  const steps: string[] = [];
  const outside = numbers(steps);
  const [warnings] = await Promise.all([warningsOf(() => sleep(20)), outside.next()]);
  expect([warnings, steps]).toEqual([[], []]);
  await outside.return(undefined);
});

it("reports the error of a finally block, and one that yields", async () => {
  const reports: unknown[] = [];
  await warningsOf(async () => {
    getRunningLoop().setExceptionHandler(({ message, error }) => reports.push([message, error]));
    await numbers([], () => { throw new RangeError("in finally"); }).next();
    await (async function* () { try { yield 1; } finally { yield 2; } })().next();
  });
  expect(reports).toEqual([[expect.stringContaining("threw while run() closed it"), new RangeError("in finally")], [expect.stringContaining("yielded in its finally block"), undefined]]);
});

it("forgets generators that have ended, and still reports a rejection that nothing handles", async () => {
  const steps: string[] = [];
  const rejections: unknown[] = [];
  const listener = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", listener);
  onTestFinished(() => void process.off("unhandledRejection", listener));
  const warnings = await warningsOf(async () => {
    const open = numbers(steps);
    await open.next();
    for (let turn = 0; turn < 2_500; turn++) for await (const _ of (async function* () { yield turn; })());
    void (async function* () { yield await Promise.reject(new RangeError("unhandled")); })().next();
    await sleep(1);
  });
  expect([warnings.length, steps, rejections]).toEqual([1, ["closed"], [new RangeError("unhandled")]]);
});
