// An inline stream keeps nothing of the items that have been taken.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

const sources = {
  "a generator": "function* (count) { for (let n = 0; n < count; n += 1) yield n; }",
  "an asynchronous generator": "async function* (count) { for (let n = 0; n < count; n += 1) yield n; }",
  "an iterator of its own": "(count) => { let n = 0; return { [Symbol.iterator]() { return this; }, next: () => (n < count ? { done: false, value: n++ } : { done: true, value: undefined }) }; }",
};
const options = {
  "no options": "{}",
  "a limiter, a signal and a deadline": "{ limiter: { acquire: async () => {}, release() {} }, signal: new AbortController().signal, runTimeoutMs: 600_000 }",
};

/** Prints the bytes that the heap has gained after a number of items, for a few and for many, while the stream is open. */
const program = (source: string, given: string): string => `
  import { InlineExecutor } from ${JSON.stringify(import.meta.resolve("@offloop/workers"))};
  const executor = new InlineExecutor().with(${given});
  const items = executor.stream(${source}, 150_000)[Symbol.asyncIterator]();
  const heap = () => { gc(); gc(); return process.memoryUsage().heapUsed; };
  let taken = 0;
  const take = async (count) => { while (taken < count) { const { value } = await items.next(); if (value !== taken) throw new Error("got " + value); taken += 1; } };
  await take(20_000);
  const few = heap();
  await take(120_000);
  console.log(heap() - few);
  await items.return();`;

it.each([["a generator", "no options"], ["an asynchronous generator", "a limiter, a signal and a deadline"], ["an iterator of its own", "a limiter, a signal and a deadline"]] as const)("of %s, with %s", (source, given) => {
  const gained = Number(execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program(sources[source], options[given])], { encoding: "utf8", timeout: 60_000 }));
  // One word an item would be 800,000 bytes.
  expect(gained).toBeLessThan(400_000);
});
