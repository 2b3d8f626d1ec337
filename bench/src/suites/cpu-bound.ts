// Work that keeps all cores busy. The pool's own cost hardly shows here. A slow pool would be a fault.
import { threadPools } from "../peers/index.js";
import { grind } from "../tasks/tasks.js";
import { runBench } from "./run-bench.js";
import { check, type Suite } from "./suite.js";

const PIECES = 100;
/** About 1.5 ms on the machine where the number was chosen. */
const ROUNDS = 1_000_000;

export const suite: Suite = {
  id: "cpu-bound",
  title: "CPU-bound work",
  about: `${PIECES} pieces of ${ROUNDS.toLocaleString("en")} steps of a generator, submitted at once to two workers.`,
  contenders: [...threadPools, "raw", "inline"],
  quick: ["offloop", "piscina", "tinypool", "workerpool", "inline"],
  metrics: [{ id: "time", title: "all pieces", unit: "ms", better: "lower" }],
  async open(contender, { roundMs }) {
    const pool = await contender.start(2);
    const expected = grind(ROUNDS);
    const all = async (): Promise<void> => {
      const results = await Promise.all(Array.from({ length: PIECES }, () => pool.call("grind", ROUNDS)));
      for (const result of results) check(result, expected, contender.name);
    };
    await all();
    return {
      async round() {
        const { latency } = await runBench(all, roundMs);
        return { time: latency.p50 };
      },
      close: () => pool.close(),
    };
  },
};
