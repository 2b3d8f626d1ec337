import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import type { Contender, Pool } from "./pool.js";

const filename = fileURLToPath(new URL("../tasks/tasks.js", import.meta.url));

function start(runtime: "worker_threads" | "child_process", workers: number): Pool {
  const tinypool = new Tinypool({ filename, runtime, minThreads: workers, maxThreads: workers, idleTimeout: 2 ** 31 - 1 });
  return {
    call: (name, argument, transfer) => tinypool.run(argument, transfer === undefined ? { name } : { name, transferList: [...transfer] }),
    cancellable(name, argument) {
      const controller = new AbortController();
      return { promise: tinypool.run(argument, { name, signal: controller.signal }), cancel: () => controller.abort() };
    },
    close: () => tinypool.destroy(),
  };
}

export const contender: Contender = { name: "tinypool", start: async (workers) => start("worker_threads", workers) };

export const processes: Contender = { name: "tinypool, processes", start: async (workers) => start("child_process", workers) };
