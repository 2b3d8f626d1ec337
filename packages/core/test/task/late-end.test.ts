// In debug mode, a body that a deadline could not interrupt is told.
import { CancelScope, failAfter, getRunningLoop, moveOnAfter, run, sleep, timeout, VirtualTimeLoop, waitFor } from "@offloop/core";
import { afterEach, beforeEach, expect, it } from "vitest";

const warnings: string[] = [];
const note = (warning: Error & { code?: string }): void => void (warning.code === "OFFLOOP_LATE_END" && warnings.push(warning.message));
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  warnings.length = 0;
});

const virtually = <T>(main: () => Promise<T>, debug: boolean): Promise<T> => run(main, { debug, loopFactory: () => new VirtualTimeLoop() });

/** A body that keeps its cancellation back for half a second. */
async function deaf(): Promise<void> {
  await sleep(60_000).catch(() => new CancelScope({ shield: true }).run(() => sleep(500)));
}

async function all(body: () => Promise<void>): Promise<void> {
  for (const within of [timeout, failAfter, moveOnAfter]) await within(50, body).catch(() => {});
  await waitFor(body, 50).catch(() => {});
}

it("tells how late a body ended, and what to do", async () => {
  await virtually(() => all(deaf), true);
  expect(warnings).toHaveLength(4);
  for (const message of warnings) expect(message).toMatch(/^The body of (timeout\(\) or waitFor\(\)|a CancelScope) ended 500 ms after its deadline, because .* Pass its signal on, or give what it computes to toThread\(\)\.$/);
});

it("tells of a body that computed past its deadline", async () => {
  await run(() => timeout(1, () => {
    getRunningLoop().slowCallbackDurationMs = 5;
    for (const until = performance.now() + 20; performance.now() < until; );
  }), { debug: true });
  expect(warnings).toHaveLength(1);
});

it("is silent for a body that ends in time or soon after, and outside debug mode", async () => {
  await virtually(() => all(() => sleep(60_000).then(() => {})), true);
  await virtually(() => all(() => sleep(5).then(() => {})), true);
  await virtually(() => all(deaf), false);
  expect(warnings).toEqual([]);
});
