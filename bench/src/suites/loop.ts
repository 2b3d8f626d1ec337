// offloop's loop compared with asyncio's: the time of callbacks, tasks, `sleep(0)`, queues, timers and `gather`.
import { findPython } from "../measure/find-python.js";
import type { LoopContender } from "../peers/loop.js";
import type { WorkloadName } from "../tasks/loop-workloads.js";
import { check, type Metric, type Sample, type Suite } from "./suite.js";

interface Workload {
  readonly title: string;
  /** Operations of one run. */
  readonly count: number;
  /** The result when all operations are done. */
  expected(count: number): number;
}

const each = (count: number): number => count;
const sum = (count: number): number => (count * (count - 1)) / 2;

const all: Readonly<Record<WorkloadName, Workload>> = {
  callSoon: { title: "callSoon", count: 20_000, expected: each },
  tasks: { title: "task and await", count: 10_000, expected: sum },
  pingPong: { title: "sleep(0) ping-pong", count: 20_000, expected: each },
  queue: { title: "queue hand-over", count: 10_000, expected: sum },
  timers: { title: "a timer of 100,000", count: 100_000, expected: each },
  gather: { title: "a task of gather(10,000)", count: 10_000, expected: sum },
};
const entries = Object.entries(all) as [WorkloadName, Workload][];

export const suite: Suite = {
  id: "loop",
  title: "The event loop",
  about: "What each operation costs, in nanoseconds, on one thread: the same program on offloop's loop and on asyncio's. Timers are due within 10 ms.",
  /** A getter, because it looks for a Python. */
  get contenders() {
    return findPython() === undefined ? (["offloop-loop"] as const) : (["offloop-loop", "asyncio"] as const);
  },
  metrics: entries.map(([id, { title }]): Metric => ({ id, title, unit: "ns", better: "lower" })),
  async open(contender, { roundMs }) {
    const { loop } = contender as LoopContender;
    const measure = async (workload: WorkloadName, forMs: number): Promise<number> => {
      const { count, expected } = all[workload];
      let spentNs = 0;
      let runs = 0;
      do {
        const { ns, result } = await loop.run(workload, count);
        check(result, expected(count), `${contender.name}, ${workload}`);
        spentNs += ns;
        runs += 1;
      } while (spentNs < forMs * 1e6);
      return spentNs / (runs * count);
    };
    const round = async (forMs: number): Promise<Sample> => {
      const sample: Sample = {};
      for (const [workload] of entries) sample[workload] = await measure(workload, forMs);
      return sample;
    };
    await round(roundMs / 2); // warm
    return { round: () => round(roundMs / entries.length), close: () => loop.close() };
  },
};
