// The transport on a real NATS, with hosts in processes of their own: what is lost is told, and nothing else is lost.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { openTransport } from "@offloop/nats";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { RemoteExecutor, startHost, type Transport } from "@offloop/remote";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Server, startNats } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";
import { fileOfTest, isWritten, rejection, until } from "../../../remote/test/helpers.js";

/** A busy machine may keep a process from running for a second. Its lease must last longer. */
const LEASE_MS = 5_000;
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const root = new URL("../../../remote/test/", import.meta.url);
const command = fileURLToPath(new URL("fixtures/host-command.mjs", root));

let nats: Server;
let client: NatsConnection;
let manager: JetStreamManager;
let transport: Transport;
let executor: RemoteExecutor;
const children: ChildProcess[] = [];

beforeEach(async () => {
  nats = await startNats();
  client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  manager = await jetstreamManager(client);
  transport = await openTransport(nats.url, { leaseMs: LEASE_MS });
  executor = new RemoteExecutor({ transport, root });
});

afterEach(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await transport.close();
  await client.close();
  await nats.stop();
});

/** Starts `offloop host`, and waits until it serves. */
async function host(name: string, url = new URL(`../fixtures/engine.mjs?nats=${nats.url}&leaseMs=${LEASE_MS}`, import.meta.url).href): Promise<ChildProcess> {
  const child = spawn(process.execPath, [command, "--url", url, "--root", fileURLToPath(root), "--module", "./fixtures/tasks.mjs", "--max-workers", "2", "--name", name], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout!, "data");
  return child;
}

/** The subjects of a stream, once there are so many. */
async function subjectsOf(stream: "calls" | "inbox" | "parts" | "hosts" | "callers", isEnough: (count: number) => boolean): Promise<string[]> {
  for (;;) {
    const subjects = await manager.streams.info(`offloop-${stream}`, { subjects_filter: ">" }).then(({ state }) => Object.keys(state.subjects ?? {}), () => []);
    if (isEnough(subjects.length)) return subjects;
  }
}

interface Cuttable {
  readonly port: number;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** A way to a port on which connections can be cut, and made again. */
async function startCuttable(to: number): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const other = connectTo(to, "127.0.0.1");
    for (const [one, next] of [[from, other], [other, from]] as const) {
      sockets.add(one);
      one.setNoDelay(true).on("error", () => {}).pipe(next);
      one.on("close", () => {
        sockets.delete(one);
        next.destroy();
      });
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => sockets.forEach((each) => each.resetAndDestroy()),
    async close() {
      sockets.forEach((each) => each.destroy());
      server.close();
      await once(server, "close");
    },
  };
}

const runs = (file: string): number => readFileSync(file, "utf8").split(" ").length - 1;

describe("connections that are cut", () => {
  it("lose no answer, and no call runs twice", async () => {
    const line = await startCuttable(nats.port);
    await executor.shutdown();
    await transport.close();
    transport = await openTransport(`nats://127.0.0.1:${line.port}`, { leaseMs: LEASE_MS });
    executor = new RemoteExecutor({ transport, root });
    for (const name of ["alpha", "beta"]) await host(name, new URL(`../fixtures/engine.mjs?nats=nats://127.0.0.1:${line.port}&leaseMs=${LEASE_MS}`, import.meta.url).href);
    const file = fileOfTest("runs");
    const calls = Array.from({ length: 400 }, (_, index) => executor.submit(tasks.notesRun, file, index));
    let settled = 0;
    for (const call of calls) void call.finally(() => (settled += 1)).catch(() => {});
    for (const cutAt of [40, 120, 200, 280]) {
      await until(() => settled >= cutAt);
      line.cut();
    }
    const results = await Promise.allSettled(calls);
    // A claim whose connection was cut before its reply came is lost, and told.
    const lost = results.filter(({ status }) => status === "rejected");
    for (const each of lost) expect((each as PromiseRejectedResult).reason).toMatchObject({ name: "WorkerCrashedError" });
    expect(lost.length).toBeLessThanOrEqual(4 * 4);
    for (const [index, each] of results.entries()) if (each.status === "fulfilled") expect(each.value).toBe(index);
    const noted = readFileSync(file, "utf8").trim().split(" ");
    expect(new Set(noted).size).toBe(noted.length);
    await line.close();
  });
});

describe("NATS that is killed and started again", () => {
  it("with its data goes on: waiting and running calls are answered, each once", async () => {
    await host("alpha");
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const running = [0, 1].map(() => executor.submit(tasks.runsOnceEach, file, gate));
    await until(() => isWritten(file) && runs(file) === 2);
    const waiting = Array.from({ length: 20 }, (_, index) => executor.submit(tasks.add, index, 1));
    await subjectsOf("calls", (count) => count > 0);
    await nats.kill();
    writeFileSync(gate, "");
    await nats.restart();
    expect(await Promise.all(running)).toEqual([2, 2]);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it("with its data runs no call again that a host had claimed", async () => {
    await host("alpha");
    const file = fileOfTest("runs");
    let settled = 0;
    const calls = Array.from({ length: 300 }, (_, index) => executor.with({ priority: index % 2 }).submit(tasks.notesRun, file, index));
    for (const call of calls) void call.finally(() => (settled += 1)).catch(() => {});
    await until(() => settled >= 100);
    await nats.restart();
    const lost = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
    for (const each of lost) expect((each as PromiseRejectedResult).reason).toMatchObject({ name: "WorkerCrashedError" });
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    const noted = readFileSync(file, "utf8").trim().split(" ");
    expect(new Set(noted).size).toBe(noted.length);
  });

  it("without its data loses the calls that waited, and tells it; those with retries run", async () => {
    await executor.shutdown();
    await transport.close();
    transport = await openTransport(nats.url, { leaseMs: 1_000, storage: "memory", prefix: "kept-nowhere" });
    executor = new RemoteExecutor({ transport, root });
    const lost = rejection(executor.submit(tasks.add, 1, 2));
    const again = executor.with({ retries: 1 }).submit(tasks.add, 3, 4);
    for (;;) {
      const found = await manager.streams.info("kept-nowhere-calls").catch(() => undefined);
      if (found?.state.messages === 2) break;
    }
    await nats.restart();
    expect(await lost).toMatchObject({ name: "WorkerCrashedError", cause: { message: expect.stringContaining("lost the call") } });
    const one = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
    expect(await again).toBe(7);
    await one.stop();
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
    const caller = spawn(process.execPath, [fileURLToPath(new URL("../fixtures/waiting-caller.mjs", import.meta.url)), nats.url, "1000", file], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(caller);
    await once(caller.stdout!, "data");
    await subjectsOf("calls", (count) => count === 3);
    caller.kill("SIGKILL");
    await subjectsOf("callers", (count) => count === 0);
    const mine = executor.submit(tasks.add, 1, 2); // the queue gives it to a host after those of the other caller
    await host("alpha");
    expect(await mine).toBe(3);
    await subjectsOf("calls", (count) => count === 0);
    expect(existsSync(file)).toBe(false);
  });
});

describe("offloop host", () => {
  it("serves a nats: URL, and signed calls alone if it has a secret", async () => {
    await host("alpha", nats.url);
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    const signed = new RemoteExecutor({ transport, root, secret: "a secret of the tests" });
    expect(await rejection(signed.submit(tasks.add, 1, 2))).toMatchObject({ name: "RemoteMessageError", message: expect.stringContaining("the same secret") });
    await signed.shutdown();
  });
});
