// One measurement of watchdog.ts: attaches a watcher, runs a workload, and prints the CPU time of the main
// thread (`cpu <ms>`). For the workload `detect` it prints when the stall began (`begin <epoch ms>`) and the
// reports of a watcher in this process. watchdog.ts reads standard output and standard error.
import { spawn } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { type ListeningEvent, stallChannels, startWatchdog } from "@offloop/watchdog";
import { ThreadPoolExecutor } from "@offloop/workers";
import { mainThreadCpuMs } from "./measure/cpu-time.js";
import { modes } from "./watchdog-options.js";

const [contender = "", workload = "", peersFolder = ""] = process.argv.slice(2);
const peers = createRequire(peersFolder);
const thresholdMs = 100;

const say = (line: string) => writeSync(1, `${line}\n`);
const cpuMs = () => mainThreadCpuMs() ?? process.cpuUsage().user / 1_000;

const histogram = monitorEventLoopDelay({ resolution: 20 });

const attach: Record<string, () => unknown> = {
  nothing: () => undefined,
  perf_hooks: () => histogram.enable(),
  offloop: () => startWatchdog({ thresholdMs }).ready(),
  "offloop full": () => startWatchdog({ thresholdMs, breadcrumbs: "full" }).ready(),
  ...Object.fromEntries(Object.entries(modes).map(([name, options]) => [name, () => startWatchdog({ thresholdMs, ...options() }).ready()])),
  served: () => served(),
  serve: () => served(),
  "serve, and a scraper": async () => lookedAtBy(`setInterval(() => fetch("${await served()}/metrics").then((answer) => answer.text()).then(() => console.log("open")), 1_000)`),
  "serve, and an open page": async () => lookedAtBy(openPage(await served())),
  live: async () => lookedAtBy(openPage(await served())),

  "blocked-at": () => {
    const blocked = peers("blocked-at") as (callback: (time: number, stack: string[]) => void, options: object) => void;
    blocked((time, stack) => say(`blocked for ${time} ms: ${stack.join(" ")}`), { threshold: thresholdMs });
  },
  sentry: () => {
    const { init } = peers("@sentry/node") as { init(options: object): void };
    const { eventLoopBlockIntegration } = peers("@sentry/node-native") as { eventLoopBlockIntegration(options: object): unknown };
    init({ dsn: `http://key@127.0.0.1:${process.env["SENTRY_PORT"] ?? 9}/1`, integrations: [eventLoopBlockIntegration({ threshold: thresholdMs })] });
  },
};

const workloads: Record<string, () => Promise<void>> = {
  async cpu() {
    for (let slice = 0; slice < 60; slice++) {
      render(8_000);
      await turn();
    }
  },
  async await() {
    // oxlint-disable-next-line unicorn/no-unnecessary-await -- the bare await is what is measured
    for (let step = 0; step < 300_000; step++) await null;
  },
  async http() {
    const server = createServer((_request, response) => response.end(render(40)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    say(`port ${(server.address() as AddressInfo).port}`);
    await new Promise((resolve) => process.stdin.once("data", resolve));
  },
  /** Stalls that consist of short blocking calls. */
  async calls() {
    const fd = openSync("/dev/null", "w");
    for (let stall = 0; stall < 3; stall++) {
      for (let call = 0; call < 400_000; call++) writeSync(fd, "line\n");
      await sleep(50);
    }
  },
  /** Stalls in which modules are loaded. */
  async require() {
    for (const load of loads) {
      load();
      await sleep(50);
    }
  },
  /** Calls on threads, 64 at once. */
  async pool() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 2 });
    for (let round = 0; round < 400; round++) await Promise.all(Array.from({ length: 64 }, (_, index) => pool.submit(Math.sqrt, index)));
    await pool.shutdown();
  },
  async detect() {
    // Sentry's thread needs time to start, and does not tell when it has.
    await sleep(1_500);
    say(`begin ${Date.now()}`);
    guiltyFunction(400);
    await sleep(50);
    if (contender === "perf_hooks" && histogram.max / 1e6 > thresholdMs) say(`delay ${histogram.max / 1e6} ms`);
    // Wait for reports that are sent by HTTP.
    await sleep(contender === "sentry" ? 2_500 : 500);
  },
};

/** Starts a watchdog with its endpoint. @returns the URL */
async function served(): Promise<string> {
  const listening = new Promise<string>((resolve) => subscribe(stallChannels.listening, (message) => resolve((message as ListeningEvent).url)));
  await startWatchdog({ thresholdMs, serve: { port: 0 } }).ready();
  return await listening;
}

const openPage = (url: string): string => `fetch("${url}/events").then(async ({ body }) => { console.log("open"); for await (const _ of body); })`;

/** Starts a process that looks at the endpoint, and waits until it has seen something. */
async function lookedAtBy(program: string): Promise<void> {
  const looker = spawn(process.execPath, ["-e", `process.on("unhandledRejection", () => process.exit()); ${program}`], { stdio: ["ignore", "pipe", "ignore"] });
  await once(looker.stdout, "data");
  looker.stdout.resume();
  looker.unref();
  (looker.stdout as Socket).unref();
  process.once("exit", () => looker.kill());
}

function render(rows: number): string {
  let text = "";
  for (let row = 0; row < rows; row++) text += JSON.stringify({ row, name: `row ${row}`, value: Math.sqrt(row) });
  return text;
}

function guiltyFunction(ms: number): void {
  // Measured in CPU time. On a busy machine, clock time would count other processes too.
  const until = process.cpuUsage().user + process.cpuUsage().system + ms * 1_000;
  while (process.cpuUsage().user + process.cpuUsage().system < until) Math.sqrt(until);
}

/** Loads of 300 modules each, which are written here so that the workload measures only the loads. */
const loads = workload === "require" ? Array.from({ length: 3 }, modulesToLoad) : [];

function modulesToLoad(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "offloop-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const modules = 300;
  // Each module requires three others, as deep as in most libraries, and defines some functions.
  const body = Array.from({ length: 40 }, (_, index) => `exports.f${index} = function f${index}(a, b) { return a.map((x) => x + b + ${index}); };`).join("\n");
  const children = (index: number) => [1, 2, 3].map((child) => 3 * index + child).filter((child) => child < modules);
  for (let index = 0; index < modules; index++) writeFileSync(join(folder, `${index}.js`), `${children(index).map((child) => `require("./${child}");`).join("\n")}\n${body}`);
  return () => void createRequire(join(folder, "/"))("./0.js");
}

await attach[contender]!();
await sleep(100);
const before = cpuMs();
await workloads[workload]!();
if (workload !== "detect") say(`cpu ${cpuMs() - before}`);
process.exit();
