// Calls that a thread was sent ahead of time, behind one that lasts.
import { ThreadPoolExecutor } from "@offloop/workers";
import { afterAll, expect, it } from "vitest";

const { countOrWait } = await import(new URL("../fixtures/calls.mjs", import.meta.url).href) as { countOrWait(words: Int32Array, waitFor: number): number };
const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
afterAll(() => executor.shutdown());

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
