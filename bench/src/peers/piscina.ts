import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Contender } from "./pool.js";

const filename = fileURLToPath(new URL("../tasks/tasks.js", import.meta.url));

export const contender: Contender = {
  name: "piscina",
  async start(workers) {
    const piscina = new Piscina({ filename, minThreads: workers, maxThreads: workers, idleTimeout: Infinity });
    return {
      call: (name, argument, transfer) => piscina.run(argument, transfer === undefined ? { name } : { name, transferList: [...transfer] }),
      cancellable(name, argument) {
        const controller = new AbortController();
        return { promise: piscina.run(argument, { name, signal: controller.signal }), cancel: () => controller.abort() };
      },
      close: () => piscina.destroy(),
    };
  },
};
