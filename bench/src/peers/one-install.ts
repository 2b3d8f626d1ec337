import { setDefaultExecutor, shutdownDefaultExecutor, ThreadPoolExecutor, toThread } from "offloop";
import { taskNamed } from "../tasks/table.js";
import type { Contender } from "./pool.js";

/** A program that imports the one install: pools and watchdog load when they are first needed. */
export const contender: Contender = {
  name: "offloop, one install",
  async start(workers) {
    setDefaultExecutor(new ThreadPoolExecutor({ minWorkers: workers, maxWorkers: workers }));
    return { call: (name, argument) => toThread(taskNamed(name), argument), close: () => shutdownDefaultExecutor() };
  },
};
