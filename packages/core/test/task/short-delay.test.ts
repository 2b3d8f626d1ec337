// In debug mode, a delay of less than a millisecond is told: asyncio's times are in seconds.
import { failAfter, moveOnAfter, run, sleep, timeout, wait, waitFor } from "@offloop/core";
import { afterEach, beforeEach, expect, it } from "vitest";

const warnings: string[] = [];
const note = (warning: Error & { code?: string }): void => void (warning.code === "OFFLOOP_SHORT_DELAY" && warnings.push(warning.message));
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  warnings.length = 0;
});

/** Every function that takes a delay, with this one. */
async function all(delayMs: number): Promise<void> {
  const quick = async (): Promise<number> => 1;
  await sleep(delayMs);
  await sleep(delayMs, { result: 1 });
  for (const within of [timeout, moveOnAfter, failAfter]) await within(delayMs, quick).catch(() => {});
  await waitFor(quick, delayMs).catch(() => {});
  await wait([quick], { timeoutMs: delayMs });
}

it("tells of half a millisecond, and what to write for half a second", async () => {
  await run(() => all(0.5), { debug: true });
  const told = (of: string): string => `${of} got 0.5, which is less than a millisecond. Times are in milliseconds: for 0.5 s write 500.`;
  expect(warnings).toEqual(["sleep()", "sleep()", "timeout() or waitFor()", "moveOnAfter()", "failAfter()", "timeout() or waitFor()", "wait()"].map(told));
});

it("is silent for 0, for a millisecond and more, and outside debug mode", async () => {
  for (const delayMs of [0, 1, 5]) await run(() => all(delayMs), { debug: true });
  await run(() => all(0.5), { debug: false });
  await sleep(0);
  expect(warnings).toEqual([]);
});
