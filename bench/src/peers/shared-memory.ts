// A lower bound below `postMessage`: one worker, and numbers in two rings of shared memory. It supports
// `increment` only. Both sides spin for a moment before they wait.
//
//   main: requests ─▶ [ring] ─▶ tasks/for-shared-memory.ts ─▶ [ring] ─▶ main: answers
import { Worker } from "node:worker_threads";
import { Ring } from "../tasks/ring.js";
import type { Contender } from "./pool.js";

export const contender: Contender = {
  name: "shared memory",
  async start() {
    const requests = new Ring();
    const answers = new Ring();
    const worker = new Worker(new URL("../tasks/for-shared-memory.js", import.meta.url), { workerData: { requests: requests.buffer, answers: answers.buffer } });
    const waiting: ((value: unknown) => void)[] = [];
    let first = 0;
    const overflow: number[] = [];
    let looking = false;
    const look = (): void => {
      for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) {
        waiting[first]!(answer);
        waiting[first++] = undefined!;
      }
      while (overflow.length > 0 && requests.push(overflow[0]!)) overflow.shift();
      if (first === waiting.length) {
        first = waiting.length = 0;
        looking = false;
      } else setImmediate(look);
    };
    return {
      call(name, argument) {
        if (name !== "increment") throw new Error("the ring supports increment only: leave this contender out of suites with other tasks");
        if (overflow.length > 0 || !requests.push(argument as number)) overflow.push(argument as number);
        if (!looking) setImmediate(look);
        looking = true;
        return new Promise((resolve) => waiting.push(resolve));
      },
      close: () => worker.terminate(),
    };
  },
};
