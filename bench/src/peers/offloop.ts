import { ThreadPoolExecutor } from "@offloop/workers";
import * as tasks from "../tasks/tasks.js";
import type { Contender, Pool } from "./pool.js";

export const contender: Contender = {
  name: "offloop",
  async start(workers) {
    const executor = new ThreadPoolExecutor({ minWorkers: workers, maxWorkers: workers });
    const call = (name: keyof typeof tasks, argument: number): PromiseLike<unknown> => executor.submit(tasks[name], argument);
    return { call: call as Pool["call"], close: () => executor.shutdown() };
  },
};
