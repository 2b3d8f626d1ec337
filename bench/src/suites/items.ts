// A long list of small items: by one call for each item, and by the pool's own function for lists.
import type { ContenderKey } from "../peers/index.js";
import type { Pool } from "../peers/pool.js";
import { item } from "../tasks/tasks.js";
import { check, type Measurement, type Suite } from "./suite.js";

const COUNT = 100_000;
/** The number of items that a program would put into one message if it cut the list by hand. */
const CHUNK = 500;

const values = Array.from({ length: COUNT }, (_, index) => index);

async function oneByOne(pool: Pool): Promise<unknown[]> {
  return Promise.all(values.map((value) => pool.call("item", value)));
}

async function byHand(pool: Pool): Promise<unknown[]> {
  const chunks: number[][] = [];
  for (let first = 0; first < COUNT; first += CHUNK) chunks.push(values.slice(first, first + CHUNK));
  return (await Promise.all(chunks.map((chunk) => pool.call("items", chunk)))).flat();
}

async function measure(pool: Pool, all: () => Promise<unknown[]>, name: string): Promise<Measurement> {
  const expected = values.map(item);
  const run = async (): Promise<number> => {
    const started = performance.now();
    const results = await all();
    const ms = performance.now() - started;
    check(results.length, COUNT, name);
    results.forEach((result, index) => check(result, expected[index], name));
    return ms;
  };
  await run();
  return { round: async () => ({ time: await run() }), close: () => pool.close() };
}

const metrics = [{ id: "time", title: "all items", unit: "ms", better: "lower" }] as const;

export const itemsSuite: Suite = {
  id: "items",
  title: "100,000 items of 2 µs, one call each",
  about: "Two workers; all calls are made at once.",
  contenders: ["offloop", "piscina", "tinypool", "workerpool", "poolifier", "jest-worker", "raw", "raw-batched", "inline"],
  metrics,
  async open(contender) {
    const pool = await contender.start(2);
    return measure(pool, () => oneByOne(pool), contender.name);
  },
};

/** The contenders with a map of their own. The others get the list in chunks cut by hand. */
const MAPS: readonly ContenderKey[] = ["offloop", "poolifier", "inline"];

export const mapSuite: Suite = {
  id: "map",
  title: "100,000 items of 2 µs, as a list",
  about: `Two workers; offloop and poolifier by their own map, piscina and raw postMessage with pieces of ${CHUNK} cut by hand.`,
  contenders: ["offloop", "poolifier", "piscina", "raw", "inline"],
  metrics,
  async open(contender, _, key) {
    const pool = await contender.start(2);
    return measure(pool, () => (MAPS.includes(key) ? pool.map!("item", values) : byHand(pool)), contender.name);
  },
};
