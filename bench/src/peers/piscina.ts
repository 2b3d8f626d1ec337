import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Contender, Pool } from "./pool.js";

const filename = fileURLToPath(new URL("../tasks/tasks.js", import.meta.url));

async function start(workers: number, concurrentTasksPerWorker: number): Promise<Pool> {
  const piscina = new Piscina({ filename, minThreads: workers, maxThreads: workers, idleTimeout: Infinity, concurrentTasksPerWorker });
  return {
    call: (name, argument, transfer) => piscina.run(argument, transfer === undefined ? { name } : { name, transferList: [...transfer] }),
    cancellable(name, argument) {
      const controller = new AbortController();
      return { promise: piscina.run(argument, { name, signal: controller.signal }), cancel: () => controller.abort() };
    },
    close: () => piscina.destroy(),
  };
}

export const contender: Contender = { name: "piscina", start: (workers) => start(workers, 1) };

/** With the option that piscina's documentation recommends for many short calls. */
export const concurrent: Contender = { name: "piscina, 8 tasks a thread", start: (workers) => start(workers, 8) };
