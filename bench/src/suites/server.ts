// A server with light requests and heavy ones: how long the light ones wait while heavy ones run. Another
// process makes the load: autocannon (measure/load.ts) at a steady rate, or wrk (measure/wrk.ts) as fast as
// the server answers.
import { fork } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { type ContenderKey, threadPools } from "../peers/index.js";
import type { Contender } from "../peers/pool.js";
import type { LoadResult, LoadSetup } from "../measure/load.js";
import { hasWrk, shootWithWrk } from "../measure/wrk.js";
import { grind, ROUNDS_A_MICROSECOND } from "../tasks/tasks.js";
import { check, type Metric, type Sample, type Suite } from "./suite.js";

const load = fileURLToPath(new URL("../measure/load.js", import.meta.url));

const LIGHT_PER_SECOND = 300;
/** A heavy request: 50 ms of a core. */
const HEAVY = 50_000 * ROUNDS_A_MICROSECOND;
const SECONDS = 3;

const P50: Metric = { id: "p50", title: "light p50", unit: "ms", better: "lower" };
const P99: Metric = { id: "p99", title: "light p99", unit: "ms", better: "lower" };
const MAX: Metric = { id: "max", title: "light max", unit: "ms", better: "lower" };
const LIGHT: Metric = { id: "light", title: "light", unit: "/s", better: "higher" };
const HEAVY_RATE: Metric = { id: "heavy", title: "heavy", unit: "/s", better: "higher" };
const COSTS: readonly Metric[] = [
  { id: "delay", title: "loop delay p99", unit: "ms", better: "lower" },
  { id: "cpu", title: "CPU", unit: "%", better: "lower" },
  { id: "memory", title: "memory", unit: "MB", better: "lower" },
];

/** @param heavyPerSecond heavy requests of 50 ms a second; with 0, all requests are light */
function serverSuite(id: string, title: string, heavyPerSecond: number, contenders: readonly ContenderKey[]): Suite {
  return {
    id: `server-${id}`,
    title: `Server: ${title}`,
    about: `Light requests at ${LIGHT_PER_SECOND} a second, heavy ones of 50 ms of a core at ${heavyPerSecond} a second; one worker; autocannon in a process of its own.`,
    contenders,
    metrics: [P50, P99, MAX, ...(heavyPerSecond === 0 ? [] : [HEAVY_RATE]), ...COSTS],
    open: (contender) =>
      measureServer(contender, async (port, seconds) => {
        const { light, heavy } = await shoot({ port, seconds, lightPerSecond: LIGHT_PER_SECOND, heavyPerSecond });
        return { ...light, heavy: heavy.perSecond };
      }),
  };
}

/** The same with wrk, which sends the next request as soon as one is answered. */
function wrkSuite(heavyPerSecond: number, contenders: readonly ContenderKey[]): Suite {
  return {
    id: "server-wrk",
    title: "Server: as many light requests as it takes",
    about: `Light requests over ten connections as fast as they are answered, by wrk; heavy ones of 50 ms of a core at ${heavyPerSecond} a second, by autocannon; one worker.`,
    contenders,
    missing: () => (hasWrk() ? undefined : "wrk is not installed (Debian: apt-get install wrk)"),
    metrics: [P50, P99, LIGHT, HEAVY_RATE, ...COSTS],
    open: (contender) =>
      measureServer(contender, async (port, seconds) => {
        const [{ p50, p99, perSecond }, { heavy }] = await Promise.all([
          shootWithWrk(`http://127.0.0.1:${port}/light`, seconds),
          shoot({ port, seconds, lightPerSecond: 0, heavyPerSecond }),
        ]);
        return { p50, p99, light: perSecond, heavy: heavy.perSecond };
      }),
  };
}

async function shoot(setup: LoadSetup): Promise<LoadResult> {
  const child = fork(load, [JSON.stringify(setup)], { execArgv: [] });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as LoadResult)).once("exit", (code) => reject(new Error(`the load ended with code ${code}`)));
  });
}

/** Starts a server that runs heavy requests on the pool, puts load on it, and measures it. */
async function measureServer(contender: Contender, underLoad: (port: number, seconds: number) => Promise<Sample>): ReturnType<Suite["open"]> {
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
  await underLoad(port, 1);
  return {
    async round() {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const cpu = process.cpuUsage();
      const started = performance.now();
      const sample = await underLoad(port, SECONDS);
      const { user, system } = process.cpuUsage(cpu);
      const ms = performance.now() - started;
      delay.disable();
      check(wrong, undefined, `${contender.name}, heavy route`);
      return { ...sample, delay: delay.percentile(99) / 1e6, cpu: (user + system) / ms / 10, memory: process.memoryUsage.rss() / 2 ** 20 };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await pool.close();
    },
  };
}

const everyone: readonly ContenderKey[] = [...threadPools.filter((key) => key !== "threads"), "raw", "inline"];

export const serverSuites: readonly Suite[] = [
  serverSuite("idle", "no heavy work", 0, ["inline"]),
  serverSuite("busy", "heavy work fills 70 % of a core", 14, everyone),
  serverSuite("overloaded", "more heavy work than the worker can do", 36, everyone),
  wrkSuite(14, everyone),
];
