import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import type { Contender } from "./pool.js";

const filename = fileURLToPath(new URL("../tasks/tasks.js", import.meta.url));

export const contender: Contender = {
  name: "tinypool",
  async start(workers) {
    const tinypool = new Tinypool({ filename, runtime: "worker_threads", minThreads: workers, maxThreads: workers, idleTimeout: 2 ** 31 - 1 });
    return {
      call: (name, argument) => tinypool.run(argument, { name }),
      close: () => tinypool.destroy(),
    };
  },
};
