// Calls on a real NATS, with a host in this process. What is lost is in faults.test.ts.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTransport } from "@offloop/nats";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Host, RemoteExecutor, startHost, type Transport } from "@offloop/remote";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Server, startNats } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";
import { fileOfTest, isWritten, rejection, until } from "../../../remote/test/helpers.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const root = new URL("../../../remote/test/", import.meta.url);

let nats: Server;
let client: NatsConnection;
let manager: JetStreamManager;
let transport: Transport;
let executor: RemoteExecutor;
const hosts: Host[] = [];

beforeAll(async () => {
  nats = await startNats();
  client = await connect({ servers: nats.url });
  manager = await jetstreamManager(client);
});
beforeEach(async () => {
  transport = await openTransport(nats.url);
  executor = new RemoteExecutor({ transport, root });
});
afterEach(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  for (const each of hosts.splice(0)) await each.stop({ timeoutMs: 0 });
  await transport.close();
});
afterAll(async () => {
  await client.close();
  await nats.stop();
});

async function host(name: string, maxWorkers = 1): Promise<Host> {
  const started = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name, pool: { maxWorkers } });
  hosts.push(started);
  return started;
}

/** Starts a NATS with settings. */
function startWith(config: string): Promise<Server> {
  const file = join(mkdtempSync(join(tmpdir(), "offloop-")), "nats.conf");
  writeFileSync(file, config);
  return startNats(["--config", file]);
}

/** The subjects of a stream, once there are so many. */
async function subjectsOf(stream: "calls" | "inbox" | "parts" | "callers", isEnough: (count: number) => boolean): Promise<string[]> {
  for (;;) {
    const subjects = await manager.streams.info(`offloop-${stream}`, { subjects_filter: ">" }).then(({ state }) => Object.keys(state.subjects ?? {}), () => []);
    if (isEnough(subjects.length)) return subjects;
  }
}

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
    await host("alpha");
    await Promise.all(made);
    expect(readFileSync(file, "utf8")).toBe("1 4 0 2 3 ");
  });

  it("that wait are removed when their caller shuts down, and nothing of a caller stays", async () => {
    const future = executor.submit(tasks.add, 1, 1);
    await subjectsOf("calls", (count) => count === 1);
    await Promise.all([rejection(future), executor.shutdown({ cancelPending: true })]);
    for (const stream of ["calls", "inbox", "parts", "callers"] as const) expect(await subjectsOf(stream, () => true)).toEqual([]);
  });

  it("of several priorities at once all run, on hosts that have as many as they have workers", async () => {
    await host("alpha", 2);
    const beta = await host("beta", 2);
    const file = fileOfTest("runs");
    const calls = Array.from({ length: 60 }, (_, index) => executor.with({ priority: (index % 4) - 2 }).submit(tasks.notesRun, file, index));
    await until(() => isWritten(file));
    expect(beta.running).toBeLessThanOrEqual(2);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    const noted = readFileSync(file, "utf8").trim().split(" ");
    expect(new Set(noted).size).toBe(60);
    expect(noted).toHaveLength(60);
  });

  it("are cancelled while they wait and while they run, and report their outcome", async () => {
    const waiting = executor.submit(tasks.add, 1, 1);
    await subjectsOf("calls", (count) => count === 1);
    waiting.cancel("not needed");
    expect(await rejection(waiting)).toMatchObject({ name: "CancelledError", cause: "not needed" });
    await subjectsOf("calls", (count) => count === 0);
    await host("alpha");
    const file = fileOfTest("begun");
    const running = executor.submit(tasks.waits, file);
    await until(() => isWritten(file));
    running.cancel("enough");
    expect(await rejection(running)).toMatchObject({ name: "CancelledError" });
    expect(await executor.submit(tasks.add, 2, 3)).toBe(5);
  });

  it("reject at their deadlines, in the queue and on the host", async () => {
    expect(await rejection(executor.with({ queueTimeoutMs: 20 }).submit(tasks.add, 1, 1))).toMatchObject({ name: "CallTimeoutError", stage: "queue" });
    await host("alpha");
    expect(await rejection(executor.with({ runTimeoutMs: 20 }).submit(tasks.waits, fileOfTest("begun")))).toMatchObject({ name: "CallTimeoutError", stage: "run" });
  });

  it("of another version wait for a host of theirs", async () => {
    await host("alpha");
    const next = new RemoteExecutor({ transport, root, version: "99.0.0" });
    const call = next.submit(tasks.add, 4, 5);
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    expect(call.state).toBe("pending");
    hosts.push(await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name: "next", version: "99.0.0", pool: { maxWorkers: 1 } }));
    expect(await call).toBe(9);
    await next.shutdown();
  });

  it("stream their items by the caller's credits", async () => {
    await host("alpha");
    const items: number[] = [];
    for await (const item of executor.stream(tasks.counts, 500)) items.push(item as number);
    expect(items).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });
});

describe("a host that drains", () => {
  it("finishes what it runs, leaves the rest to others, and is not listed any more", async () => {
    const alpha = await host("alpha");
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const running = executor.submit(tasks.runsOnceEach, file, gate);
    await until(() => isWritten(file));
    const stopped = alpha.stop();
    const later = executor.submit(tasks.add, 1, 1);
    await subjectsOf("calls", (count) => count === 1);
    writeFileSync(gate, "");
    expect(await running).toBe(1);
    await stopped;
    expect(await subjectsOf("calls", () => true)).toHaveLength(1);
    await host("beta");
    expect(await later).toBe(2);
  });
});

describe("a user of NATS", () => {
  it("with the rights of the docs calls, streams, cancels and sends large values, and has nothing else", async () => {
    const rights = /^```\n(authorization \{[^]*?)^```$/m.exec(readFileSync(new URL("../../../../docs/guides/hosts.md", import.meta.url), "utf8"))![1]!;
    const other = await startWith(rights);
    const url = other.url.replace("nats://", "nats://offloop:secret@");
    const allowed = await openTransport(url);
    const mine = new RemoteExecutor({ transport: allowed, root });
    const one = await startHost({ transport: allowed, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
    expect(await mine.submit(tasks.add, 1, 2)).toBe(3);
    expect(await mine.with({ priority: 7 }).submit(tasks.size, Buffer.alloc(300_000))).toBe(300_000);
    let last: unknown;
    for await (const item of mine.stream(tasks.counts, 100)) last = item;
    expect(last).toBe(99);
    const file = fileOfTest("begun");
    const running = mine.submit(tasks.waits, file);
    await until(() => isWritten(file));
    const waiting = mine.submit(tasks.add, 1, 1);
    waiting.cancel("enough");
    running.cancel("enough");
    for (const each of [waiting, running]) expect(await rejection(each)).toMatchObject({ name: "CancelledError" });
    const user = await connect({ servers: other.url, user: "offloop", pass: "secret" });
    const streams = (await jetstreamManager(user, { checkAPI: false })).streams;
    for (const refused of [user.request("elsewhere", ""), streams.add({ name: "mine", subjects: ["elsewhere"] }), streams.info("mine")]) expect(await rejection(refused)).toMatchObject({ message: expect.stringMatching(/permission/i) });
    await user.close();
    await mine.shutdown();
    await one.stop();
    await allowed.close();
    await other.stop();
  });

  it("without the rights has its calls rejected with what NATS says", async () => {
    const other = await startWith(`authorization { users = [{ user: "reader", password: "secret", permissions: { publish: { deny: [">"] } } }] }`);
    const denied = new RemoteExecutor({ transport: await openTransport(other.url.replace("nats://", "nats://reader:secret@")), root });
    expect(await rejection(denied.submit(tasks.add, 1, 1))).toMatchObject({ message: expect.stringMatching(/permission/i) });
    await denied.shutdown({ timeoutMs: 0 });
    await other.stop();
  });
});
