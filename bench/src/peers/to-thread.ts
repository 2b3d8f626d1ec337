import { setDefaultExecutor, shutdownDefaultExecutor, toThread } from "@offloop/core";
import { taskNamed } from "../tasks/table.js";
import type { Contender } from "./pool.js";

/** A program that imports only @offloop/core. The pool loads at its first use. */
export const contender: Contender = {
  name: "offloop, toThread",
  async start(workers) {
    const { ThreadPoolExecutor } = await import("@offloop/workers");
    setDefaultExecutor(new ThreadPoolExecutor({ minWorkers: workers, maxWorkers: workers }));
    return { call: (name, argument) => toThread(taskNamed(name), argument), close: () => shutdownDefaultExecutor() };
  },
};
