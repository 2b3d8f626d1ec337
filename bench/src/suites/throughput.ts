// Many calls outstanding: what a pool costs when its workers always have something to do.
import type { Pool } from "../peers/pool.js";
import { runBench } from "./run-bench.js";
import { check, type Suite } from "./suite.js";

/** Keeps `outstanding` calls on their way until `total` have been made and have answered. */
async function drive(pool: Pool, outstanding: number, total: number, name: string): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < total) {
      const value = next++;
      check(await pool.call("increment", value), value + 1, name);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, caller));
}

/** A suite for so many outstanding calls. */
export function throughputSuite(outstanding: number): Suite {
  const total = Math.max(2_048, outstanding * 4);
  return {
    id: `throughput-${outstanding}`,
    title: `Throughput, no-op, ${outstanding.toLocaleString("en")} outstanding`,
    about: `Two workers; ${outstanding.toLocaleString("en")} callers, each of which makes its next call when its last has answered.`,
    contenders: ["offloop", "piscina", "tinypool", "workerpool"],
    metrics: [
      { id: "rate", title: "calls", unit: "k/s", better: "higher" },
      { id: "cpu", title: "main-thread CPU a call", unit: "µs", better: "lower" },
    ],
    async open(contender, { roundMs }) {
      const pool = await contender.start(2);
      await drive(pool, outstanding, total, contender.name);
      return {
        async round() {
          const { latency, cpuMs } = await runBench(() => drive(pool, outstanding, total, contender.name), roundMs);
          return { rate: total / latency.p50, ...(cpuMs === undefined ? {} : { cpu: (cpuMs / total) * 1_000 }) };
        },
        close: () => pool.close(),
      };
    },
  };
}
