// Calls of a method of one object in a worker: one at a time, and many outstanding.
import { runBench } from "./run-bench.js";
import { check, MAIN_CPU, type Suite } from "./suite.js";
import { warmUp } from "./throughput.js";

const OUTSTANDING = 256;
const TOTAL = 2_048;

export const suite: Suite = {
  id: "actors",
  title: "Calls of an actor",
  about: `One object in a worker of its own, and a method that adds to its count: one call at a time; ${OUTSTANDING} outstanding. The pool's function adds one to its argument.`,
  contenders: ["offloop-actor", "offloop-actor-process", "comlink", "offloop-one-thread"],
  metrics: [
    { id: "p50", title: "p50", unit: "µs", better: "lower" },
    { id: "single", title: "one at a time", unit: "k/s", better: "higher" },
    { id: "rate", title: `${OUTSTANDING} outstanding`, unit: "k/s", better: "higher" },
    MAIN_CPU,
  ],
  async open(contender, { roundMs }, key) {
    const object = await contender.start(1);
    const counts = key !== "offloop-one-thread";
    let count = 0;
    const once = async (): Promise<void> => {
      const expected = counts ? (count += 1) : 2;
      check(await object.call("increment", 1), expected, contender.name);
    };
    const burst = async (): Promise<void> => {
      let left = TOTAL;
      const caller = async (): Promise<void> => {
        while (left-- > 0) await once();
      };
      await Promise.all(Array.from({ length: OUTSTANDING }, caller));
    };
    await warmUp(once);
    await warmUp(burst);
    return {
      async round() {
        const single = await runBench(once, roundMs);
        const many = await runBench(burst, roundMs);
        return {
          p50: single.latency.p50 * 1_000,
          single: 1 / single.latency.mean,
          rate: TOTAL / many.latency.p50,
          ...(many.cpuMs === undefined ? {} : { cpu: (many.cpuMs / TOTAL) * 1_000 }),
        };
      },
      close: () => object.close(),
    };
  },
};
