// One object in a worker of its own, for the suite of actors: a call adds to its count. `start` makes one worker.
import { Worker } from "node:worker_threads";
import { spawnActor, closeActor, ThreadPoolExecutor } from "@offloop/workers";
import { wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { Counter } from "../tasks/counter.js";
import { adapt } from "./offloop.js";
import type { Contender } from "./pool.js";

type Added = { add(amount: number): PromiseLike<unknown> };

const ofActor = (name: string, kind: "thread" | "process"): Contender => ({
  name,
  async start() {
    const actor = await spawnActor.with({ kind })(Counter);
    return { call: (_name, argument) => (actor as Added).add(argument as number), close: () => closeActor(actor) };
  },
});

export const thread = ofActor("offloop, actor", "thread");

export const process = ofActor("offloop, actor in a process", "process");

export const comlink: Contender = {
  name: "comlink",
  async start() {
    const worker = new Worker(new URL("../tasks/for-comlink.js", import.meta.url));
    const counter = wrap<Counter>(nodeEndpoint(worker));
    return { call: (_name, argument) => (counter as Added).add(argument as number), close: () => worker.terminate() };
  },
};

/** A pool of one thread, whose calls have no object. */
export const pool: Contender = { name: "offloop, pool of one thread", start: async () => adapt(new ThreadPoolExecutor({ minWorkers: 1, maxWorkers: 1 })) };
