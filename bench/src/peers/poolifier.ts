import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import type { Contender } from "./pool.js";

const file = fileURLToPath(new URL("../tasks/for-poolifier.js", import.meta.url));

export const contender: Contender = {
  name: "poolifier",
  async start(workers) {
    const pool = new FixedThreadPool<unknown, unknown>(workers, file, { errorHandler: (error) => console.error(error) });
    return {
      call: (name, argument, transfer) => pool.execute(argument, name, undefined, transfer),
      map: (name, values) => pool.mapExecute(values, name),
      cancellable(name, argument) {
        const controller = new AbortController();
        return { promise: pool.execute(argument, name, controller.signal), cancel: () => controller.abort() };
      },
      close: () => pool.destroy(),
    };
  },
};
