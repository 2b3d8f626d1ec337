// Does the cost of a call grow with the number of workers, or with the number of calls?
import { mainThreadCpuMs } from "../measure/cpu-time.js";
import { check, MAIN_CPU, type Suite } from "./suite.js";
import { drive, warmUp } from "./throughput.js";

const PAUSE_MS = 2;

/** The suite for this number of workers. Its calls wait instead of computing, so the number of cores does not matter. */
function workersSuite(workers: number): Suite {
  return {
    id: `workers-${workers}`,
    title: `Scale: ${workers} worker${workers === 1 ? "" : "s"} with waiting work`,
    about: `Each worker waits ${PAUSE_MS} ms a call; twice as many calls as workers are outstanding.`,
    contenders: ["offloop", "piscina"],
    metrics: [MAIN_CPU, { id: "rate", title: "calls", unit: "k/s", better: "higher" }],
    async open(contender, { roundMs }) {
      const pool = await contender.start(workers);
      const run = async (ms: number): Promise<{ calls: number; ms: number }> => {
        const started = performance.now();
        let calls = 0;
        const caller = async (): Promise<void> => {
          while (performance.now() - started < ms) {
            check(await pool.call("pause", PAUSE_MS), PAUSE_MS, contender.name);
            calls += 1;
          }
        };
        await Promise.all(Array.from({ length: workers * 2 }, caller));
        return { calls, ms: performance.now() - started };
      };
      await run(roundMs);
      return {
        async round() {
          const before = mainThreadCpuMs();
          const { calls, ms } = await run(roundMs);
          const after = mainThreadCpuMs();
          return { rate: calls / ms, ...(before === undefined || after === undefined ? {} : { cpu: ((after - before) / calls) * 1_000 }) };
        },
        close: () => pool.close(),
      };
    },
  };
}

/** The suite for this number of outstanding calls, on two workers. */
function outstandingSuite(outstanding: number): Suite {
  const total = Math.max(4_000, outstanding);
  const many = outstanding.toLocaleString("en");
  return {
    id: `outstanding-${outstanding}`,
    title: `Scale: ${many} outstanding`,
    about: `Two workers, no-op calls, ${many} of them on their way at any time.`,
    contenders: ["offloop", "piscina", "raw"],
    metrics: [MAIN_CPU, { id: "rate", title: "calls", unit: "k/s", better: "higher" }],
    async open(contender, { roundMs }) {
      const pool = await contender.start(2);
      const once = (): Promise<void> => drive(pool, outstanding, total, contender.name);
      await warmUp(once);
      return {
        async round() {
          const before = mainThreadCpuMs();
          const started = performance.now();
          let calls = 0;
          do {
            await once();
            calls += total;
          } while (performance.now() - started < roundMs);
          const ms = performance.now() - started;
          const after = mainThreadCpuMs();
          return { rate: calls / ms, ...(before === undefined || after === undefined ? {} : { cpu: ((after - before) / calls) * 1_000 }) };
        },
        close: () => pool.close(),
      };
    },
  };
}

export const scaleSuites: readonly Suite[] = [...[1, 4, 16, 64].map(workersSuite), ...[1, 10, 100, 1_000, 10_000, 100_000].map(outstandingSuite)];
