import { type Executor, ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { taskNamed } from "../tasks/table.js";
import type { Contender, Pool } from "./pool.js";

export function adapt(executor: Executor): Pool {
  return {
    call: (name, argument, transfer) => (transfer === undefined ? executor : executor.with({ transfer })).submit(taskNamed(name), argument),
    async map(name, values) {
      const results: unknown[] = [];
      for await (const result of executor.map(taskNamed(name), values)) results.push(result);
      return results;
    },
    cancellable(name, argument) {
      const future = executor.submit(taskNamed(name), argument);
      return { promise: future, cancel: () => void future.cancel() };
    },
    close: () => executor.shutdown(),
  };
}

export const contender: Contender = {
  name: "offloop",
  start: async (workers) => adapt(new ThreadPoolExecutor({ minWorkers: workers, maxWorkers: workers })),
};

export const processes: Contender = {
  name: "offloop, processes",
  start: async (workers) => adapt(new ProcessPoolExecutor({ minWorkers: workers, maxWorkers: workers })),
};
