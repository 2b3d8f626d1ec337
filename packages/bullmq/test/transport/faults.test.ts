// The transport on a real Redis, with hosts in processes of their own: what is lost is told, and nothing else is lost.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openTransport } from "@offloop/bullmq";
import { RemoteExecutor, startHost, type Transport } from "@offloop/remote";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Server, startRedis } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";
import { fileOfTest, isWritten, rejection, until } from "../../../remote/test/helpers.js";

/** A busy machine may keep a process from running for a second. Its lease must last longer. */
const LEASE_MS = 5_000;
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const root = new URL("../../../remote/test/", import.meta.url);
const command = fileURLToPath(new URL("fixtures/host-command.mjs", root));

let redis: Server;
let client: Redis;
let transport: Transport;
let executor: RemoteExecutor;
const children: ChildProcess[] = [];

async function start(args: string[] = []): Promise<void> {
  redis = await startRedis(args);
  client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on("error", () => {});
  transport = await openTransport(redis.url, { leaseMs: LEASE_MS });
  executor = new RemoteExecutor({ transport, root });
}

beforeEach(() => start());

afterEach(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await transport.close();
  client.disconnect();
  await redis.stop();
});

/** Starts `offloop host`, and waits until it serves. */
async function host(name: string, url = new URL(`../fixtures/engine.mjs?redis=${redis.url}&leaseMs=${LEASE_MS}`, import.meta.url).href): Promise<ChildProcess> {
  const child = spawn(process.execPath, [command, "--url", url, "--root", fileURLToPath(root), "--module", "./fixtures/tasks.mjs", "--max-workers", "2", "--name", name], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout, "data");
  return child;
}

/** The key of the only queue, when so many calls wait in it. */
async function waitingQueue(count: number): Promise<string> {
  for (;;) {
    const [queue] = await client.keys("offloop:*:prioritized");
    if (queue !== undefined && (await client.zcard(queue)) === count) return queue;
  }
}

const runs = (file: string): number => readFileSync(file, "utf8").split(" ").length - 1;

describe("connections that are cut", () => {
  it("lose no answer, and no call runs twice", async () => {
    await host("alpha");
    await host("beta");
    const file = fileOfTest("runs");
    const calls = Array.from({ length: 400 }, (_, index) => executor.submit(tasks.notesRun, file, index));
    let settled = 0;
    for (const call of calls) void call.finally(() => (settled += 1)).catch(() => {});
    for (const cutAt of [40, 120, 200, 280]) {
      await until(() => settled >= cutAt);
      await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }
    const results = await Promise.allSettled(calls);
    // A claim whose connection was cut before its reply came is lost, and told.
    const lost = results.filter(({ status }) => status === "rejected");
    for (const each of lost) expect((each as PromiseRejectedResult).reason).toMatchObject({ name: "WorkerCrashedError" });
    expect(lost.length).toBeLessThanOrEqual(4 * 4);
    for (const [index, each] of results.entries()) if (each.status === "fulfilled") expect(each.value).toBe(index);
    const noted = readFileSync(file, "utf8").trim().split(" ");
    expect(new Set(noted).size).toBe(noted.length);
  });
});

describe("a host that is killed", () => {
  it("fails its calls with its name within two leases, and has those with retries run again elsewhere", async () => {
    const alpha = await host("alpha");
    const [file, gate, lost] = [fileOfTest("runs"), fileOfTest("gate"), fileOfTest("lost")];
    const again = executor.with({ retries: 1 }).submit(tasks.runsOnceEach, file, gate);
    const error = rejection(executor.submit(tasks.waits, lost));
    await until(() => isWritten(file) && isWritten(lost));
    alpha.kill("SIGKILL");
    expect(await error).toMatchObject({ name: "WorkerCrashedError", exit: { host: "alpha" }, message: expect.stringContaining("Host alpha was lost while it ran waits") });
    await host("beta");
    await until(() => runs(file) === 2);
    writeFileSync(gate, "");
    expect(await again).toBe(2);
    expect(readFileSync(lost, "utf8")).toBe("begun ");
  });
});

describe("a caller that is killed", () => {
  it("leaves calls in the queue that no host runs, once its lease has ended", async () => {
    const file = fileOfTest("runs");
    const caller = spawn(process.execPath, [fileURLToPath(new URL("../fixtures/waiting-caller.mjs", import.meta.url)), redis.url, "300", file], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(caller);
    await once(caller.stdout, "data");
    const queue = await waitingQueue(3);
    caller.kill("SIGKILL");
    while ((await client.keys("offloop:lease:caller-*")).length > 0);
    const mine = executor.submit(tasks.add, 1, 2); // the queue gives it to a host after those of the other caller
    await host("alpha");
    expect(await mine).toBe(3);
    expect(await client.zcard(queue)).toBe(0);
    expect(existsSync(file)).toBe(false);
  });
});

describe("Redis that is killed and started again", () => {
  it("with its data goes on: waiting and running calls are answered, each once", async () => {
    await executor.shutdown();
    await transport.close();
    client.disconnect();
    await redis.stop();
    await start(["--appendonly", "yes", "--appendfsync", "always"]);
    await host("alpha");
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const running = [0, 1].map(() => executor.submit(tasks.runsOnceEach, file, gate));
    await until(() => isWritten(file) && runs(file) === 2);
    const waiting = Array.from({ length: 20 }, (_, index) => executor.submit(tasks.add, index, 1));
    await redis.kill();
    writeFileSync(gate, "");
    await redis.restart();
    expect(await Promise.all(running)).toEqual([2, 2]);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it("without its data loses the calls that waited, and tells it; those with retries run", async () => {
    const lost = executor.submit(tasks.add, 1, 2);
    const again = executor.with({ retries: 1 }).submit(tasks.add, 3, 4);
    await waitingQueue(2);
    await redis.restart();
    expect(await rejection(lost)).toMatchObject({ name: "WorkerCrashedError", cause: { message: expect.stringContaining("lost the call") } });
    await host("alpha");
    expect(await again).toBe(7);
  });
});

describe("calls", () => {
  it("of five megabytes go beside their jobs, are refused above the limit, and leave nothing behind", async () => {
    await host("alpha");
    const value = Buffer.alloc(5_000_000, 7);
    expect(await executor.submit(tasks.size, value)).toBe(5_000_000);
    const returned = await executor.submit(tasks.bytes, 5_000_000);
    expect(returned.byteLength).toBe(5_000_000);
    expect(await rejection(executor.submit(tasks.size, Buffer.alloc(2 ** 26 + 1)))).toMatchObject({ message: expect.stringContaining("maxBytes") });
    expect(await client.keys("offloop:body:*")).toEqual([]);
  });

  it("leave the queue by priority, and by arrival where it is equal, with the names of their functions", async () => {
    const file = fileOfTest("order");
    const made = [0, 5, 0, -3, 5].map((priority, index) => executor.with({ priority }).submit(tasks.notesRun, file, index));
    const queue = await waitingQueue(5);
    const ids = await client.zrange(queue, "0", "-1");
    expect(await Promise.all(ids.map((id) => client.hget(queue.replace("prioritized", id), "name")))).toEqual(Array.from({ length: 5 }, () => "notesRun"));
    const one = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
    await Promise.all(made);
    expect(readFileSync(file, "utf8")).toBe("1 4 0 2 3 ");
    await one.stop();
  });

  it("that wait are removed when their caller shuts down, and nothing of a caller stays", async () => {
    const future = executor.submit(tasks.add, 1, 1);
    const queue = await waitingQueue(1);
    await Promise.all([rejection(future), executor.shutdown({ cancelPending: true })]);
    expect(await client.zcard(queue)).toBe(0);
    expect((await client.keys("*")).filter((key) => /:(inbox|lease|body|hosts):/.test(key))).toEqual([]);
  });

});

describe("offloop host", () => {
  it("serves a redis: URL, and signed calls alone if it has a secret", async () => {
    await host("alpha", redis.url);
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    const signed = new RemoteExecutor({ transport, root, secret: "a secret of the tests" });
    expect(await rejection(signed.submit(tasks.add, 1, 2))).toMatchObject({ name: "RemoteMessageError", message: expect.stringContaining("the same secret") });
    await signed.shutdown();
  });
});
