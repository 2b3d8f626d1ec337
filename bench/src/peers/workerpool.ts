import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Contender, Pool } from "./pool.js";

const script = fileURLToPath(new URL("../tasks/for-workerpool.js", import.meta.url));

export const contender: Contender = {
  name: "workerpool",
  async start(workers) {
    const pool = workerpool.pool(script, { workerType: "thread", minWorkers: workers, maxWorkers: workers });
    const call = (name: string, argument: unknown): PromiseLike<unknown> => pool.exec(name, [argument]) as unknown as PromiseLike<unknown>;
    return { call: call as Pool["call"], close: () => Promise.resolve(pool.terminate()) };
  },
};
