import { fileURLToPath } from "node:url";
import { Worker } from "jest-worker";
import { tasks } from "../tasks/table.js";
import type { Contender, Pool } from "./pool.js";

const script = fileURLToPath(new URL("../tasks/tasks.js", import.meta.url));

type Farm = Worker & Record<string, (argument: unknown) => Promise<unknown>>;

function start(enableWorkerThreads: boolean, workers: number): Pool {
  const farm = new Worker(script, { enableWorkerThreads, numWorkers: workers, exposedMethods: Object.keys(tasks) }) as Farm;
  return { call: (name, argument) => farm[name]!(argument), close: () => farm.end() };
}

export const contender: Contender = { name: "jest-worker", start: async (workers) => start(true, workers) };

export const processes: Contender = { name: "jest-worker, processes", start: async (workers) => start(false, workers) };
