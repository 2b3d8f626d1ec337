import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Contender, Pool } from "./pool.js";

const script = fileURLToPath(new URL("../tasks/for-workerpool.js", import.meta.url));

function start(workerType: "thread" | "process", workers: number): Pool {
  const pool = workerpool.pool(script, { workerType, minWorkers: workers, maxWorkers: workers });
  const exec = (name: string, argument: unknown, transfer?: readonly ArrayBuffer[]) =>
    pool.exec(name, [argument], transfer === undefined ? {} : { transfer: [...transfer] });
  return {
    call: (name, argument, transfer) => exec(name, argument, transfer) as unknown as PromiseLike<unknown>,
    cancellable(name, argument) {
      const promise = exec(name, argument);
      return { promise: promise as unknown as PromiseLike<unknown>, cancel: () => void promise.cancel() };
    },
    close: () => Promise.resolve(pool.terminate()),
  };
}

export const contender: Contender = { name: "workerpool", start: async (workers) => start("thread", workers) };

export const processes: Contender = { name: "workerpool, processes", start: async (workers) => start("process", workers) };
