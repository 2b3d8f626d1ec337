// The client of a request goes away while its call runs, and the only worker is wanted by another one.
import { type ClientRequest, request } from "node:http";
import type { AddressInfo } from "node:net";
import { offloop } from "@offloop/fastify";
import fastify from "fastify";
import { median } from "../measure/statistics.js";
import { increment, toTheEnd, untilCancelled } from "../tasks/tasks.js";
import { check, type Suite } from "./suite.js";

const WORK_MS = 400;
const TIMES = 5;

type Work = "untilCancelled" | "toTheEnd";

export const suite: Suite = {
  id: "client-gone",
  title: "The client of a Fastify request goes away",
  about: `One worker; a request whose call computes for ${WORK_MS} ms, and whose client closes its connection when the call has begun: until the worker has answered the next call. A function that looks for its cancellation is told; another one is ended with its worker after the grace. piscina runs as its plug-in runs it, without a signal.`,
  contenders: ["offloop", "piscina"],
  metrics: [
    { id: "told", title: "function that looks", unit: "ms", better: "lower" },
    { id: "ended", title: "function that does not", unit: "ms", better: "lower" },
  ],
  async open(contender, _effort, key) {
    const app = fastify({ forceCloseConnections: true });
    const pool = key === "offloop" ? undefined : await contender.start(1);
    if (pool === undefined) await app.register(offloop, { pool: { minWorkers: 1, maxWorkers: 1 }, watchdog: false });
    let begun = new SharedArrayBuffer(4);
    app.get<{ Params: { work: Work } }>("/:work", async (received) => {
      const argument = { ms: WORK_MS, begun };
      const { work } = received.params;
      return pool === undefined ? received.offload(work === "toTheEnd" ? toTheEnd : untilCancelled, argument) : pool.call(work, argument);
    });
    const next = async (): Promise<void> => check(await (pool === undefined ? app.offload(increment, 1) : pool.call("increment", 1)), 2, contender.name);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const timeOf = async (work: Work): Promise<number> => {
      begun = new SharedArrayBuffer(4);
      const client = request({ host: "127.0.0.1", port, path: `/${work}`, agent: false }).end();
      await hasBegun(begun);
      await leave(client);
      const left = performance.now();
      await next();
      return performance.now() - left;
    };
    await next();
    return {
      async round() {
        const times: Record<Work, number[]> = { untilCancelled: [], toTheEnd: [] };
        for (let time = 0; time < TIMES; time += 1) for (const work of ["untilCancelled", "toTheEnd"] as const) times[work].push(await timeOf(work));
        return { told: median(times.untilCancelled), ended: median(times.toTheEnd) };
      },
      close: () => Promise.all([app.close(), pool?.close()]),
    };
  },
};

async function hasBegun(begun: SharedArrayBuffer): Promise<void> {
  const word = new Int32Array(begun);
  while (Atomics.load(word, 0) === 0) await new Promise(setImmediate);
}

async function leave(client: ClientRequest): Promise<void> {
  client.on("error", () => {}); // the answer that it does not wait for
  await new Promise((resolve) => client.once("close", resolve).destroy());
}
