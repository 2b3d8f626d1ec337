// One soak of calls on other hosts: `node program.mjs <seed> <calls>`. Random calls run on three hosts, many of them in jobs
// that they share, while hosts are killed with SIGKILL and replaced, connections are cut, and Redis is killed and started again
// with its data. Every future must settle. A call may have had effects once, and once more for each retry. Calls must have
// shared jobs. Exits with 1 if one of these does not hold.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RemoteExecutor } from "@offloop/remote";
import { openTransport } from "@offloop/bullmq";
import { Redis } from "ioredis";
import { startRedis } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";

const [seed, calls] = process.argv.slice(2).map(Number);
/** A busy machine may keep a process from running for a second. Its lease must last longer. */
const LEASE_MS = 4_000;
const OUTSTANDING = 200;
/** The most calls of one turn. Those with the same options may share jobs. */
const MOST_IN_TURN = 40;
/** Milliseconds without a settled call after which the soak has failed: a restart, two leases, and a busy machine. */
const STUCK_MS = 90_000;

const root = new URL("../../../remote/test/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "offloop-soak-"));
const file = join(folder, "effects");

/** Mulberry32: the same numbers for the same seed. */
let state = seed >>> 0;
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let value = Math.imul(state ^ (state >>> 15), 1 | state);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) % below;
}

// By its default, Redis answers before the disk has what it wrote. A claim that is lost with it runs again.
const redis = await startRedis(["--appendonly", "yes", "--appendfsync", "always"]);
const client = new Redis(redis.url, { maxRetriesPerRequest: null }).on("error", () => {});
const engine = new URL(`../fixtures/engine.mjs?redis=${redis.url}&leaseMs=${LEASE_MS}`, import.meta.url).href;
const transport = await openTransport(redis.url, { leaseMs: LEASE_MS });
let jobs = 0;
const counting = {
  name: transport.name,
  maxBytes: transport.maxBytes,
  async join(...peer) {
    const line = await transport.join(...peer);
    const push = line.push.bind(line);
    line.push = (...call) => {
      jobs += 1;
      return push(...call);
    };
    return line;
  },
};
const executor = new RemoteExecutor({ transport: counting, root });
/** Views with each number of retries and each priority. Calls of one view have the same options. */
const views = [0, 1, 2].map((retries) => [-2, -1, 0, 1, 2].map((priority) => executor.with({ retries, priority })));

let started = 0;
async function startHost() {
  const name = `host-${(started += 1)}`;
  const child = spawn(process.execPath, [fileURLToPath(new URL("fixtures/host-command.mjs", root)), "--url", engine, "--root", fileURLToPath(root), "--module", "./fixtures/tasks.mjs", "--max-workers", "2", "--name", name], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return child;
}
const hosts = await Promise.all([startHost(), startHost(), startHost()]);

const counts = { fulfilled: 0, lost: 0, jobs: 0, "hosts killed": 0, "connections cut": 0, "Redis restarted": 0 };
const faults = [
  async () => {
    const index = random(hosts.length);
    hosts[index].kill("SIGKILL");
    counts["hosts killed"] += 1;
    hosts[index] = await startHost();
  },
  async () => {
    await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    counts["connections cut"] += 1;
  },
  async () => {
    await redis.restart();
    counts["Redis restarted"] += 1;
  },
];

const failures = [];
const pending = new Map();
let settled = 0;
let lastSettledAt = performance.now();
const watch = setInterval(() => {
  if (performance.now() - lastSettledAt < STUCK_MS) return;
  failures.push(`${pending.size} calls have not settled for ${STUCK_MS} ms: ${[...pending.keys()].slice(0, 10).join(", ")}`);
  finish();
}, 1_000);

const retriesOf = new Array(calls);
let wake;
function submit(id, retries, priority) {
  retriesOf[id] = retries;
  const call = views[retries][priority].submit(tasks.notesRun, file, id);
  const done = (value, error) => {
    pending.delete(id);
    settled += 1;
    lastSettledAt = performance.now();
    if (error === undefined) counts.fulfilled += 1;
    else counts.lost += 1;
    if (error === undefined ? value !== id : error.name !== "WorkerCrashedError") failures.push(`call ${id} settled with ${error?.stack ?? value}`);
    wake?.();
  };
  pending.set(id, call);
  call.then((value) => done(value), (error) => done(undefined, error));
}

/** Faults come in turn, each after a random number of settled calls, so their number follows the number of calls. */
async function disturb() {
  let turn = random(faults.length);
  for (let at = 50 + random(150); at < calls - OUTSTANDING; at += 100 + random(500)) {
    while (settled < at) await new Promise((resolve) => setTimeout(resolve, 5));
    await faults[(turn += 1) % faults.length]();
  }
}
const disturbed = disturb();

for (let id = 0; id < calls; ) {
  while (pending.size >= OUTSTANDING) await new Promise((resolve) => (wake = resolve));
  const [retries, priority] = [random(3), random(5)];
  for (const end = Math.min(calls, id + 1 + random(MOST_IN_TURN)); id < end; id += 1) submit(id, retries, priority);
}
await disturbed;
while (pending.size > 0) await new Promise((resolve) => (wake = resolve));
await executor.shutdown();
await transport.close();
const left = (await client.keys("*")).filter((key) => /:(inbox|body):/.test(key) && !key.includes(":inbox:host-"));
if (left.length > 0) failures.push(`left in Redis: ${left.join(" ")}`);
finish();

function finish() {
  clearInterval(watch);
  counts.jobs = jobs;
  if (jobs >= calls) failures.push(`no calls shared a job: ${calls} calls took ${jobs} jobs`);
  const effects = new Array(calls).fill(0);
  for (const id of readFileSync(file, "utf8").trim().split(" ")) effects[id] += 1;
  for (const [id, count] of effects.entries()) if (count > 1 + (retriesOf[id] ?? 0)) failures.push(`call ${id} had effects ${count} times, with ${retriesOf[id]} retries`);
  console.log(`soak of hosts, seed ${seed}: ${settled} of ${calls} calls have settled; ${Object.entries(counts).map(([what, count]) => `${count} ${what}`).join(", ")}`);
  for (const each of failures.slice(0, 20)) console.error(each);
  for (const host of hosts) host.kill("SIGKILL");
  client.disconnect();
  rmSync(folder, { recursive: true, force: true });
  void redis.stop().then(() => process.exit(failures.length === 0 ? 0 : 1));
}
