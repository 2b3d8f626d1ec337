// Calls that were sent to a thread in advance, behind a call that takes long.
import { ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, expect, it } from "vitest";

const { countOrWait } = await import(new URL("../fixtures/calls.mjs", import.meta.url).href) as { countOrWait(words: Int32Array, waitFor: number): number };
const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
afterAll(() => executor.shutdown());

it("are not returned to a thread from which they were taken", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const short = () => executor.submit(countOrWait, words, -0.001);
  await executor.warmUp(2);
  await Promise.all(Array.from({ length: 200 }, short));
  for (let round = 0; round < 20; round += 1) {
    const goal = words[0]! + 8;
    // First in its envelope: all others of its half are behind it.
    const long = executor.submit(countOrWait, words, goal);
    await Promise.all(Array.from({ length: 8 }, short));
    expect(await long).toBe(goal);
  }
});

it.each([0.001, 0.2])("are run by another thread, where the short ones of the function take %d ms", async (shortMs) => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const short = () => executor.submit(countOrWait, words, -shortMs);
  await Promise.all(Array.from({ length: 200 }, short)); // its run time is known from here on
  const others = 60;
  const goal = words[0]! + others;
  const first = Array.from({ length: others / 2 }, short);
  // It returns when all others have run: a single one that stayed behind it would hold both for ever.
  const long = executor.submit(countOrWait, words, goal);
  await Promise.all([...first, ...Array.from({ length: others / 2 }, short)]);
  expect(await long).toBe(goal);
});
