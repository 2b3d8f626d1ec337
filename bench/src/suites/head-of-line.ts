// Short calls submitted after a long one: how long they wait.
import { threadPools } from "../peers/index.js";
import { median, quantile } from "../measure/statistics.js";
import { grind, ROUNDS_A_MICROSECOND } from "../tasks/tasks.js";
import { check, type Suite } from "./suite.js";

const SHORT_CALLS = 64;
const SHORT = 100 * ROUNDS_A_MICROSECOND;
const LONG = 10_000 * ROUNDS_A_MICROSECOND;

export const suite: Suite = {
  id: "head-of-line",
  title: "Head-of-line blocking",
  about: `Two workers; ${SHORT_CALLS} calls of 100 µs at once, with one of 10 ms in the middle of them. Latencies of the short ones.`,
  contenders: [...threadPools.filter((key) => key !== "threads"), "raw-batched"],
  metrics: [
    { id: "mean", title: "mean", unit: "ms", better: "lower" },
    { id: "p99", title: "p99", unit: "ms", better: "lower" },
  ],
  async open(contender, { roundMs }) {
    const pool = await contender.start(2);
    const expected = grind(SHORT);
    const burst = async (): Promise<number[]> => {
      const latencies: number[] = [];
      const started = performance.now();
      const short = async (): Promise<void> => {
        check(await pool.call("grind", SHORT), expected, contender.name);
        latencies.push(performance.now() - started);
      };
      const calls: PromiseLike<unknown>[] = [];
      for (let call = 0; call < SHORT_CALLS; call += 1) {
        if (call === SHORT_CALLS / 2) calls.push(pool.call("grind", LONG));
        calls.push(short());
      }
      await Promise.all(calls);
      return latencies;
    };
    for (let warmUp = 0; warmUp < 5; warmUp += 1) await burst();
    return {
      async round() {
        const means: number[] = [];
        const tails: number[] = [];
        for (const end = performance.now() + roundMs; performance.now() < end; ) {
          const latencies = await burst();
          means.push(latencies.reduce((sum, each) => sum + each, 0) / latencies.length);
          tails.push(quantile(latencies, 0.99));
        }
        return { mean: median(means), p99: median(tails) };
      },
      close: () => pool.close(),
    };
  },
};
