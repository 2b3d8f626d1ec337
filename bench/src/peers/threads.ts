// A NodeNext import cannot find the types of threads. This file declares those that it needs.
import { createRequire } from "node:module";
import type { Contender } from "./pool.js";

type Module = Record<string, (argument: unknown) => PromiseLike<unknown>>;
interface Threads {
  Pool(spawn: () => Promise<Module>, size: number): { queue<T>(task: (worker: Module) => PromiseLike<T>): PromiseLike<T>; terminate(force: boolean): Promise<void> };
  spawn(worker: object): Promise<Module>;
  Worker: new (path: string) => object;
}

const { Pool, spawn, Worker } = createRequire(import.meta.url)("threads") as Threads;
/** threads resolves the path from this file's folder. */
const script = "../tasks/for-threads.js";

export const contender: Contender = {
  name: "threads",
  async start(workers) {
    const pool = Pool(() => spawn(new Worker(script)), workers);
    return {
      call: (name, argument) => pool.queue((worker) => worker[name]!(argument)),
      close: () => pool.terminate(true),
    };
  },
};
