// One call at a time: the latency of a single request to an idle worker.
import type { ContenderKey } from "../peers/index.js";
import { runBench } from "./run-bench.js";
import { check, LATENCY, MAIN_CPU, type Suite } from "./suite.js";

/** @param id distinguishes the suites for different kinds of workers */
export function roundTripSuite(id: string, title: string, contenders: readonly ContenderKey[], quick?: readonly ContenderKey[]): Suite {
  return {
    id,
    title,
    about: "One worker, one call at a time: the next one is made when the last has answered.",
    contenders,
    ...(quick === undefined ? {} : { quick }),
    metrics: [...LATENCY, MAIN_CPU],
    async open(contender, { roundMs }) {
      const pool = await contender.start(1);
      let value = 0;
      const once = async (): Promise<void> => {
        check(await pool.call("increment", value), value + 1, contender.name);
        value += 1;
      };
      for (let call = 0; call < 500; call += 1) await once();
      return {
        async round() {
          const { latency, cpuMs } = await runBench(once, roundMs);
          return { p50: latency.p50 * 1_000, p99: latency.p99 * 1_000, ...(cpuMs === undefined ? {} : { cpu: cpuMs * 1_000 }) };
        },
        close: () => pool.close(),
      };
    },
  };
}
