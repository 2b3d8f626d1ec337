// The lower bound of thread pools: `postMessage`, and a table of the promises that are pending. It has no queue,
// no errors and no cancellation. The workers get calls in turn.
import { Worker } from "node:worker_threads";
import type { TaskName } from "../tasks/table.js";
import type { Contender, Pool } from "./pool.js";

const script = new URL("../tasks/for-raw.js", import.meta.url);

function start(workers: number, batched: boolean): Pool {
  let lastId = 0;
  const waiting = new Map<number, (value: unknown) => void>();
  const threads = Array.from({ length: workers }, () => {
    const worker = new Worker(script);
    worker.on("message", (answers: unknown[]) => {
      for (let index = 0; index < answers.length; index += 2) {
        const id = answers[index] as number;
        waiting.get(id)!(answers[index + 1]);
        waiting.delete(id);
      }
    });
    return worker;
  });
  let batch: unknown[] = [];
  const next = (): Worker => threads[(lastId += 1) % threads.length]!;
  const flush = (): void => {
    next().postMessage(batch);
    batch = [];
  };
  return {
    call(name: TaskName, argument: unknown, transfer?: readonly ArrayBuffer[]) {
      const worker = next();
      const id = lastId;
      const promise = new Promise<unknown>((resolve) => waiting.set(id, resolve));
      if (!batched) worker.postMessage([id, name, argument], transfer === undefined ? [] : [...transfer]);
      else if (batch.push(id, name, argument) === 3) process.nextTick(flush);
      return promise;
    },
    close: () => Promise.all(threads.map((worker) => worker.terminate())),
  };
}

export const contender: Contender = { name: "raw postMessage", start: async (workers) => start(workers, false) };

/** Sends all calls of a turn of the event loop in one message, which suits calls that are known to be short. */
export const batched: Contender = { name: "raw, batched by hand", start: async (workers) => start(workers, true) };
