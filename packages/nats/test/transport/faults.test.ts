// The transport on a real NATS, with hosts in processes of their own: what is lost is told, and nothing else is lost.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

const runs = (file: string): number => readFileSync(file, "utf8").split(" ").length - 1;

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

describe("calls", () => {
  it("of five megabytes go beside their jobs, are refused above the limit, and leave nothing behind", async () => {
    await host("alpha");
    expect(await executor.submit(tasks.size, Buffer.alloc(5_000_000, 7))).toBe(5_000_000);
    const returned = await executor.submit(tasks.bytes, 5_000_000);
    expect(returned.byteLength).toBe(5_000_000);
    expect(await rejection(executor.submit(tasks.size, Buffer.alloc(2 ** 26 + 1)))).toMatchObject({ message: expect.stringContaining("maxBytes") });
    expect(await subjectsOf("parts", (count) => count === 0)).toEqual([]);
  });

  it("leave the queue by priority, and by arrival where it is equal, with the names of their functions", async () => {
    const file = fileOfTest("order");
    const made = [0, 5, 0, -3, 5].map((priority, index) => executor.with({ priority }).submit(tasks.notesRun, file, index));
    const subjects = await subjectsOf("calls", (count) => count === 5);
    expect(subjects.map((subject) => subject.split(".").at(-1))).toEqual(Array.from({ length: 5 }, () => "notesRun"));
    const one = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
    await Promise.all(made);
    expect(readFileSync(file, "utf8")).toBe("1 4 0 2 3 ");
    await one.stop();
  });

  it("that wait are removed when their caller shuts down, and nothing of a caller stays", async () => {
    const future = executor.submit(tasks.add, 1, 1);
    await subjectsOf("calls", (count) => count === 1);
    await Promise.all([rejection(future), executor.shutdown({ cancelPending: true })]);
    for (const stream of ["calls", "inbox", "parts", "callers"] as const) expect(await subjectsOf(stream, () => true)).toEqual([]);
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
