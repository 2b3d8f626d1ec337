// A server that renders for some and answers others: how long the light requests wait while the heavy
// ones run. The load comes from a process of its own (measure/load.ts).
import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { type ContenderKey, threadPools } from "../peers/index.js";
import type { LoadResult, LoadSetup } from "../measure/load.js";
import { grind, ROUNDS_A_MICROSECOND } from "../tasks/tasks.js";
import { check, type Suite } from "./suite.js";

const load = fileURLToPath(new URL("../measure/load.js", import.meta.url));

const LIGHT_PER_SECOND = 300;
/** A heavy request: 50 ms of a core. */
const HEAVY = 50_000 * ROUNDS_A_MICROSECOND;

/** @param heavyPerSecond requests of 50 ms each; 0: the light route has the server for itself */
export function serverSuite(id: string, title: string, heavyPerSecond: number, contenders: readonly ContenderKey[]): Suite {
  return {
    id: `server-${id}`,
    title: `Server: ${title}`,
    about: `Light requests at ${LIGHT_PER_SECOND} a second, heavy ones of 50 ms of a core at ${heavyPerSecond} a second; one worker; autocannon in a process of its own.`,
    contenders,
    metrics: [
      { id: "p50", title: "light p50", unit: "ms", better: "lower" },
      { id: "p99", title: "light p99", unit: "ms", better: "lower" },
      { id: "max", title: "light max", unit: "ms", better: "lower" },
      ...(heavyPerSecond === 0 ? [] : [{ id: "heavy", title: "heavy", unit: "/s", better: "higher" } as const]),
      { id: "delay", title: "loop delay p99", unit: "ms", better: "lower" },
      { id: "cpu", title: "CPU", unit: "%", better: "lower" },
      { id: "memory", title: "memory", unit: "MB", better: "lower" },
    ],
    mostRounds: 5,
    async open(contender, { roundMs }) {
      const pool = await contender.start(1);
      const expected = grind(HEAVY);
      let wrong: unknown;
      const server = createServer((request, response) => {
        if (request.url !== "/heavy") return void response.end("light");
        void Promise.resolve(pool.call("grind", HEAVY)).then(
          (value) => {
            if (value !== expected) wrong = value;
            response.end(String(value));
          },
          (error: unknown) => {
            wrong = error;
            response.writeHead(500).end();
          },
        );
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const round = async (seconds: number): Promise<LoadResult> => {
        const setup: LoadSetup = { port, seconds, lightPerSecond: LIGHT_PER_SECOND, heavyPerSecond };
        const child = fork(load, [JSON.stringify(setup)], { execArgv: [] });
        const result = await new Promise<LoadResult>((resolve, reject) => {
          child.once("message", (message) => resolve(message as LoadResult)).once("exit", (code) => reject(new Error(`the load ended with code ${code}`)));
        });
        check(wrong, undefined, `${contender.name}, heavy route`);
        return result;
      };
      const seconds = Math.max(2, Math.round(roundMs / 125));
      await round(1);
      return {
        async round() {
          const delay = monitorEventLoopDelay({ resolution: 1 });
          delay.enable();
          const cpu = process.cpuUsage();
          const started = performance.now();
          const { light, heavy } = await round(seconds);
          const { user, system } = process.cpuUsage(cpu);
          const ms = performance.now() - started;
          delay.disable();
          return { ...light, heavy: heavy.perSecond, delay: delay.percentile(99) / 1e6, cpu: (user + system) / ms / 10, memory: process.memoryUsage.rss() / 2 ** 20 };
        },
        async close() {
          server.closeAllConnections();
          server.close();
          await pool.close();
        },
      };
    },
  };
}

const everyone: readonly ContenderKey[] = [...threadPools.filter((key) => key !== "threads"), "raw", "inline"];

export const serverSuites: readonly Suite[] = [
  serverSuite("idle", "no heavy work", 0, ["inline"]),
  serverSuite("busy", "heavy work fills 70 % of a core", 14, everyone),
  serverSuite("overloaded", "more heavy work than the worker can do", 36, everyone),
];
