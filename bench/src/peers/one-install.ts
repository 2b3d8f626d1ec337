import { setDefaultExecutor, shutdownDefaultExecutor, ThreadPoolExecutor, toThread } from "offloop";
import { taskNamed } from "../tasks/table.js";
import type { Contender } from "./pool.js";

/** A program that imports the package `offloop`. Pools and watchdog load at their first use. */
export const contender: Contender = {
  name: "offloop, one install",
  async start(workers) {
    setDefaultExecutor(new ThreadPoolExecutor({ minWorkers: workers, maxWorkers: workers }));
    return { call: (name, argument) => toThread(taskNamed(name), argument), close: () => shutdownDefaultExecutor() };
  },
};
