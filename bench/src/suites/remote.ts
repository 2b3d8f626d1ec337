// Calls on other hosts, with caller, Redis and hosts on this machine. Believe the ratios.
import { median } from "../measure/statistics.js";
import type { Pool } from "../peers/pool.js";
import { runBench } from "./run-bench.js";
import { check, MAIN_CPU, type Suite } from "./suite.js";
import { drive, warmUp } from "./throughput.js";

const OUTSTANDING = 256;
const TOTAL = 2_048;
const ITEMS = 100_000;
const values = Array.from({ length: ITEMS }, (_, index) => index);
/** Calls of the fairness test, their milliseconds, and the hosts of one worker that run them: in 400 ms if no host takes too much. */
const LONG_CALLS = 16;
const LONG_MS = 100;
const HOSTS = 4;
const IDEAL_MS = (LONG_CALLS / HOSTS) * LONG_MS;

export const suite: Suite = {
  id: "remote",
  title: "Calls on other hosts, over Redis",
  about: `One host of one worker: one no-op call at a time; ${OUTSTANDING} of them outstanding; \`map\` of ${ITEMS.toLocaleString("en")} no-op items. ${HOSTS} hosts of one worker: ${LONG_CALLS} calls of ${LONG_MS} ms at once, in multiples of the ideal ${IDEAL_MS} ms. For the pool, a host is a process.`,
  contenders: ["offloop-redis", "bullmq-wait", "offloop-processes"],
  metrics: [
    { id: "p50", title: "p50", unit: "µs", better: "lower" },
    { id: "rate", title: `${OUTSTANDING} outstanding`, unit: "k/s", better: "higher" },
    MAIN_CPU,
    { id: "map", title: "map", unit: "ms", better: "lower" },
    { id: "fair", title: "long calls", unit: "× ideal", better: "lower" },
  ],
  async open(contender, { roundMs }, key) {
    const pool = await contender.start(1);
    const hosts = key === "bullmq-wait" ? undefined : await contender.start(HOSTS); // its jobs run on the thread that takes further ones
    let value = 0;
    const once = async (): Promise<void> => check(await pool.call("increment", value), ++value, contender.name);
    const burst = (): Promise<void> => drive(pool, OUTSTANDING, TOTAL, contender.name);
    await warmUp(once);
    await warmUp(burst);
    if (hosts !== undefined) await longCalls(hosts, contender.name);
    return {
      async round() {
        const single = await runBench(once, roundMs);
        const many = await runBench(burst, roundMs);
        return {
          p50: single.latency.p50 * 1_000,
          rate: TOTAL / many.latency.p50,
          ...(many.cpuMs === undefined ? {} : { cpu: (many.cpuMs / TOTAL) * 1_000 }),
          ...(pool.map === undefined ? {} : { map: median([await mapAll(pool, contender.name), await mapAll(pool, contender.name), await mapAll(pool, contender.name)]) }),
          ...(hosts === undefined ? {} : { fair: (await longCalls(hosts, contender.name)) / IDEAL_MS }),
        };
      },
      close: () => Promise.all([pool.close(), hosts?.close()]),
    };
  },
};

async function mapAll(pool: Pool, name: string): Promise<number> {
  const started = performance.now();
  const results = await pool.map!("increment", values);
  const ms = performance.now() - started;
  check(results.length, ITEMS, name);
  results.forEach((result, index) => check(result, index + 1, name));
  return ms;
}

async function longCalls(hosts: Pool, name: string): Promise<number> {
  const started = performance.now();
  const results = await Promise.all(Array.from({ length: LONG_CALLS }, () => hosts.call("block", LONG_MS)));
  const ms = performance.now() - started;
  for (const result of results) check(result, LONG_MS, name);
  return ms;
}
