// What `offloop dump` does to a server under load: for how long it holds the loop, whether requests are lost, and what
// it leaves behind. `node bench/dist/dump.js [dumps]`. The server is a process of this file. Fails if a request was lost, or if a
// descriptor, a thread, a port or memory was left behind.
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./measure/statistics.js";

const RESOLUTION_MS = 5;
const CLIENTS = 4;

const WARM_UP_DUMPS = 10;

/** Milliseconds of load before the first dump, and for the figure without a dump. */
const WARM_UP_MS = 2_000;

/** A loop that is held for longer by one dump is counted. */
const MOST_HELD_MS = 250;

/** The heap may grow by this much, by what Node compiles and caches meanwhile. A leak of 1 kB a dump would be 1 MB after 1,000. */
const MOST_GROWTH_BYTES = 500_000;

/** What the server tells of itself. */
interface Figures {
  /** The longest delay of its loop since it was last asked, in milliseconds. */
  readonly longestMs: number;
  readonly heapUsedBytes: number;
}

if (process.argv[2] === "server") serve();
else process.exitCode = (await measure(Number(process.argv[2] ?? 100))) ? 0 : 1;

function serve(): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const server = createServer((_request, response) => {
    let sum = 0;
    for (let index = 0; index < 200_000; index += 1) sum += index;
    response.end(String(sum));
  });
  server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
  process.once("disconnect", () => process.exit());
  process.on("message", (ask) => {
    if (ask === "collected") globalThis.gc?.();
    process.send!({ longestMs: delay.max / 1e6 - RESOLUTION_MS, heapUsedBytes: process.memoryUsage().heapUsed } satisfies Figures);
    delay.reset();
  });
}

/** @returns whether nothing was lost or left behind */
async function measure(dumps: number): Promise<boolean> {
  const server = fork(fileURLToPath(import.meta.url), ["server"], { execArgv: ["--inspect-port=0", "--expose-gc"], stdio: ["ignore", "inherit", "ignore", "ipc"] });
  const [port] = (await once(server, "message")) as [number];
  const figures = async (ask = "figures"): Promise<Figures> => {
    server.send(ask);
    return ((await once(server, "message")) as [Figures])[0];
  };
  const belongings = (): string => `${readdirSync(`/proc/${server.pid}/fd`).length} descriptors, ${readdirSync(`/proc/${server.pid}/task`).length} threads, ${listeners(server.pid!)} open ports`;
  const command = fileURLToPath(new URL("../cli/bin.js", import.meta.resolve("@offloop/watchdog")));
  const dump = (): Promise<unknown> => promisify(execFile)(process.execPath, [command, "dump", String(server.pid)]);
  let isOver = false;
  let [answered, lost] = [0, 0];
  const agent = new Agent({ keepAlive: true });
  const client = async (): Promise<void> => {
    while (!isOver) {
      const isAnswered = await new Promise<boolean>((resolve) => get({ port, host: "127.0.0.1", agent }, (response) => response.resume().on("end", () => resolve(true))).on("error", () => resolve(false)));
      if (isAnswered) answered += 1;
      else lost += 1;
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  await pause(WARM_UP_MS);
  await dump(); // Node keeps what it loads for its first session
  await figures();
  await pause(WARM_UP_MS);
  const { longestMs } = await figures();
  // What Node compiles and caches at the first dumps stays.
  for (let round = 0; round < WARM_UP_DUMPS; round += 1) await dump();
  const before = await figures("collected");
  await figures();
  const had = belongings();
  const held: number[] = [];
  for (let round = 0; round < dumps; round += 1) {
    await dump();
    held.push((await figures()).longestMs);
  }
  const after = await figures("collected");
  const now = belongings();
  isOver = true;
  await Promise.all(clients);
  agent.destroy();
  console.log(`${dumps} dumps of a server that answered ${answered} requests and lost ${lost}, on Node ${process.version}`);
  console.log(`longest delay of its loop: ${longestMs.toFixed(0)} ms in ${WARM_UP_MS} ms without a dump; with a dump ${median(held).toFixed(0)} ms (median), ${Math.max(...held).toFixed(0)} ms (longest), ${held.filter((ms) => ms >= MOST_HELD_MS).length} times ${MOST_HELD_MS} ms or longer`);
  console.log(`before: ${had}, heap ${(before.heapUsedBytes / 1e6).toFixed(1)} MB; after: ${now}, heap ${(after.heapUsedBytes / 1e6).toFixed(1)} MB`);
  server.kill();
  return lost === 0 && now === had && after.heapUsedBytes - before.heapUsedBytes < MOST_GROWTH_BYTES;
}

/** The number of ports on which a process accepts connections. */
function listeners(pid: number): number {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []));
  const rows = ["tcp", "tcp6"].flatMap((file) => readFileSync(`/proc/${pid}/net/${file}`, "utf8").trim().split("\n").slice(1).map((line) => line.trim().split(/\s+/)));
  return rows.filter((row) => row[3] === "0A" && own.has(row[9]!)).length;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // it has been closed meanwhile
  }
}
