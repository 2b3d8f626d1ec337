// Many calls outstanding: the cost of a call when the workers are always busy.
import type { ContenderKey } from "../peers/index.js";
import type { Pool } from "../peers/pool.js";
import { runBench } from "./run-bench.js";
import { check, MAIN_CPU, type Suite } from "./suite.js";

/** Makes `total` calls, at most `outstanding` at a time, and waits for all of them. */
export async function drive(pool: Pool, outstanding: number, total: number, name: string): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < total) {
      const value = next++;
      check(await pool.call("increment", value), value + 1, name);
    }
  };
  await Promise.all(Array.from({ length: outstanding }, caller));
}

const WARM_UP_MS = 500;

/** Repeats `once` for half a second, until V8 has optimized the contender's code. */
export async function warmUp(once: () => Promise<void>): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  do await once();
  while (performance.now() < end);
}

/** Makes the suite for this number of outstanding calls. */
export function throughputSuite(prefix: string, kind: string, outstanding: number, contenders: readonly ContenderKey[], quick?: readonly ContenderKey[]): Suite {
  const total = Math.max(2_048, outstanding * 2);
  const many = outstanding.toLocaleString("en");
  return {
    id: `${prefix}-${outstanding}`,
    title: `Throughput, no-op, ${many} outstanding${kind}`,
    about: `Two workers; ${many} callers, each of which makes its next call when its last has answered.`,
    contenders,
    ...(quick === undefined ? {} : { quick }),
    metrics: [{ id: "rate", title: "calls", unit: "k/s", better: "higher" }, MAIN_CPU],
    async open(contender, { roundMs }) {
      const pool = await contender.start(2);
      const once = (): Promise<void> => drive(pool, outstanding, total, contender.name);
      await warmUp(once);
      return {
        async round() {
          const { latency, cpuMs } = await runBench(once, roundMs);
          return { rate: total / latency.p50, ...(cpuMs === undefined ? {} : { cpu: (cpuMs / total) * 1_000 }) };
        },
        close: () => pool.close(),
      };
    },
  };
}
