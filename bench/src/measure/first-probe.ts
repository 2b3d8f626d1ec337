// One program of suites/first.ts: measures one step of one contender, and prints it as JSON. Before a clock starts, only
// modules that Node itself needs are loaded.
import type { ContenderKey } from "../peers/index.js";
import type { Sample } from "../suites/suite.js";

export type FirstStep = "import" | "first" | "warm" | "hold-cjs" | "hold-esm" | "fresh" | "text" | "memory" | "process";

const started = performance.now();
const [, , step, key, folder] = process.argv as unknown as [string, string, FirstStep, ContenderKey, string];

/** Calls before the measured ones, and measured ones. In the first thousands, V8 compiles what runs often, which takes memory too. */
const WARM_UP_CALLS = 4_000;
const CALLS = 4_000;

const packages: Partial<Record<ContenderKey, string>> = { "offloop-to-thread": "@offloop/core", "offloop-install": "offloop", piscina: "piscina", workerpool: "workerpool" };

const measure: Record<FirstStep, () => Promise<Sample>> = {
  async import() {
    await import(packages[key]!);
    return { import: performance.now() - started };
  },
  async first() {
    await firstCall();
    return { first: performance.now() - started };
  },
  async warm() {
    await firstCall(async () => (await import("@offloop/core")).toThread.warmUp(1));
    return { warm: performance.now() - started };
  },
  "hold-cjs": async () => ({ "hold-cjs": await longestHold("cjs") }),
  "hold-esm": async () => ({ "hold-esm": await longestHold("mjs") }),
  async fresh() {
    const { perCall } = await callMany((number) => (value: number) => value + 1 + Math.min(number, 0));
    return { fresh: perCall };
  },
  async text() {
    const { perCall, kept } = await callMany(() => new Function("value", "return value + 1") as (value: number) => number);
    return { text: perCall, kept };
  },
  async memory() {
    await firstCall();
    const { loadContender } = await import("../peers/index.js");
    const contender = await loadContender(key);
    const before = process.memoryUsage.rss();
    const pool = await contender.start(4);
    await Promise.all(Array.from({ length: 4 }, () => pool.call("pause", 50)));
    return { memory: (process.memoryUsage.rss() - before) / 4 / 2 ** 20 };
  },
  async process() {
    const { loadContender } = await import("../peers/index.js");
    const contender = await loadContender(key);
    const starting = performance.now();
    expect(await (await contender.start(1)).call("increment", 1));
    return { process: performance.now() - starting };
  },
};

console.log(JSON.stringify(await measure[step]()));
process.exit(0);

async function firstCall(before?: () => Promise<void>): Promise<void> {
  const { loadContender } = await import("../peers/index.js");
  const pool = await (await loadContender(key)).start(1);
  await before?.();
  expect(await pool.call("increment", 1));
}

/** The longest time between two turns of the loop while the first call runs, in milliseconds. */
async function longestHold(extension: "cjs" | "mjs"): Promise<number> {
  const { createRequire } = await import("node:module");
  const load = extension === "mjs" ? (name: string) => import(`file://${folder}/${name}`) : async (name: string) => createRequire(`${folder}/`)(`./${name}`) as unknown;
  await load(`all.${extension}`);
  const { call } = (await load(`caller.${extension}`)) as { call(run: (fn: (value: number) => number, value: number) => PromiseLike<unknown>): PromiseLike<unknown> };
  const run = key === "piscina" ? await piscina(`${folder}/task.${extension}`) : (await import("@offloop/core")).toThread;
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate); // what loading has left to do
  last = performance.now();
  setImmediate(turn);
  const result = await call(run);
  running = false;
  turn();
  expect(result);
  return longest;
}

async function piscina(filename: string): Promise<(fn: { readonly name: string }, value: number) => PromiseLike<unknown>> {
  const { Piscina } = await import("piscina");
  return (fn, value) => new Piscina({ filename, minThreads: 1, maxThreads: 1 }).run(value, { name: fn.name });
}

/** Calls a new function each time. @returns milliseconds of the main thread, and bytes of its heap that stay, for each call */
async function callMany(make: (number: number) => (value: number) => number): Promise<{ perCall: number; kept: number }> {
  const [{ setDefaultExecutor, toThread }, { ThreadPoolExecutor }, { mainThreadCpuMs }] = await Promise.all([import("@offloop/core"), import("@offloop/workers"), import("./cpu-time.js")]);
  setDefaultExecutor(new ThreadPoolExecutor({ minWorkers: 1, maxWorkers: 1 }));
  const callAll = async (calls: number): Promise<void> => {
    for (let number = 0; number < calls; number += 1) expect(await toThread(make(number), 1));
  };
  const now = (): number => mainThreadCpuMs() ?? performance.now();
  await callAll(WARM_UP_CALLS);
  const heap = await heapUsed();
  const begun = now();
  await callAll(CALLS);
  const perCall = (now() - begun) / CALLS;
  return { perCall, kept: ((await heapUsed()) - heap) / CALLS };
}

async function heapUsed(): Promise<number> {
  for (let times = 0; times < 3; times += 1) {
    await new Promise(setImmediate);
    (globalThis as unknown as { gc(): void }).gc();
  }
  return process.memoryUsage().heapUsed;
}

function expect(result: unknown): void {
  if (result !== 2) throw new Error(`${key}: wrong result: ${String(result)}`);
}
