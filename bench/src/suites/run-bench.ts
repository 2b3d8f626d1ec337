// One round with tinybench: repeats a function, and measures its latencies and the CPU time of the main thread.
import { Bench, type Statistics } from "tinybench";
import { mainThreadCpuMs } from "../measure/cpu-time.js";

export interface Round {
  /** Milliseconds of one repetition. */
  readonly latency: Statistics;
  /** Milliseconds of main-thread CPU time for one repetition; `undefined` where Node cannot measure it. */
  readonly cpuMs: number | undefined;
}

/** Repeats `fn` for `roundMs` milliseconds. An error of `fn` is thrown on. */
export async function runBench(fn: () => Promise<unknown>, roundMs: number): Promise<Round> {
  let repetitions = 0;
  const bench = new Bench({ time: roundMs, iterations: 3, warmupTime: roundMs / 10, warmupIterations: 1, throws: true });
  bench.add("round", () => ((repetitions += 1), fn()), { async: true });
  const before = mainThreadCpuMs();
  const [task] = await bench.run();
  const after = mainThreadCpuMs();
  const { result } = task!;
  if (!("latency" in result)) throw new Error(`the round ended ${result.state}`);
  return {
    latency: result.latency,
    cpuMs: before === undefined || after === undefined ? undefined : (after - before) / repetitions,
  };
}
