// The executor and its hosts over the transport in memory.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type CallSettledEvent, CloneError, FunctionTravelError, WorkerCrashedError } from "@offloop/workers";
import { type Host, RemoteExecutor, startHost } from "@offloop/remote";
import { MemoryTransport } from "@offloop/remote/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileOfTest, isWritten, rejection, until } from "./helpers.js";
import * as tasks from "./fixtures/tasks.mjs";

const root = new URL("./", import.meta.url);
let transport: MemoryTransport;
let executor: RemoteExecutor;
const hosts: Host[] = [];

const host = async (name: string, pool = { maxWorkers: 1 }): Promise<Host> => {
  const started = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name, pool });
  hosts.push(started);
  return started;
};
beforeEach(() => {
  transport = new MemoryTransport({ leaseMs: 100 });
  executor = new RemoteExecutor({ transport, root });
});

afterEach(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  await Promise.all(hosts.splice(0).map((each) => each.stop({ timeoutMs: 0 })));
  await transport.close();
});

describe("a call", () => {
  it("runs on a host, and gives its result", async () => {
    await host("alpha");
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    expect(executor.stats()).toMatchObject({ submitted: 1, fulfilled: 1, queued: 0, running: 0, workers: 1, workersStarted: 1 });
  });

  it("is published with its host, and with the times that the host's worker measured", async () => {
    const heard: CallSettledEvent[] = [];
    const listener = (event: unknown): void => {
      if ((event as CallSettledEvent).executor === transport.name) heard.push(event as CallSettledEvent);
    };
    subscribe("offloop:call:settled", listener);
    try {
      const waiting = executor.submit(tasks.spins, 30);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await host("alpha");
      await waiting;
      await rejection(executor.submit(tasks.fails, "broken"));
    } finally {
      unsubscribe("offloop:call:settled", listener);
    }
    expect(heard).toMatchObject([{ callName: "spins", host: "alpha", outcome: "fulfilled" }, { callName: "fails", host: "alpha", outcome: "rejected" }]);
    expect(heard[0]!.queuedMs).toBeGreaterThanOrEqual(45);
    expect(heard[0]!.runMs).toBeGreaterThanOrEqual(30);
    expect(heard[1]!.runMs).toBeGreaterThanOrEqual(0);
    expect(executor.stats()).toMatchObject({ wait: { count: 2 }, run: { count: 2 } });
  });

  it("waits in the queue until a host comes", async () => {
    const future = executor.submit(tasks.add, 2, 3);
    await host("alpha");
    expect(await future).toBe(5);
  });

  it("rejects with the error of the function, whole, with both stacks and the name of the host", async () => {
    await host("alpha");
    const error = await rejection(executor.submit(tasks.fails, "broken"));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "broken", code: "E_TASK", detail: new Map([["key", 1]]), cause: { message: "the cause" } });
    expect(error.stack).toMatch(/tasks\.mjs[^]*on host alpha[^]*memory\.test\.ts/);
    expect(error.stack).not.toContain("running-call");
  });

  it("is refused at the call if its function is no export below the root, or an argument cannot be cloned", async () => {
    const local = Number("3");
    expect(await rejection(executor.submit((x: number) => x * local, 1))).toBeInstanceOf(FunctionTravelError);
    expect(await rejection(executor.submit({ module: "node:fs", export: "rmSync" } as never, ...(["/nowhere"] as never[])))).toBeInstanceOf(FunctionTravelError);
    expect(await rejection(executor.submit(tasks.add, { socket: () => {} } as never, 1))).toMatchObject({ name: "CloneError", path: "args[0].socket" });
    expect(CloneError.code).toBe("ERR_OFFLOOP_CLONE");
  });
});

describe("a host", () => {
  it("refuses what it does not list, before an import", async () => {
    await host("alpha");
    const marker = fileOfTest("imported");
    process.env.OFFLOOP_TEST_IMPORTED = marker;
    const other = new URL("./fixtures/notes-import.mjs", import.meta.url).href;
    expect((await rejection(executor.submit({ module: other, export: "add" } as never))).message).toMatch(/add of fixtures\/notes-import\.mjs is not served by this host, which serves fixtures\/tasks\.mjs/);
    const tasksModule = new URL("./fixtures/tasks.mjs", import.meta.url).href;
    expect(await rejection(executor.submit({ module: tasksModule, export: "add.constructor" } as never, ...(["1"] as never[])))).toBeInstanceOf(FunctionTravelError);
    expect(existsSync(marker)).toBe(false);
  });

  it("that is lost fails its call at once, which names it, and runs no call twice", async () => {
    const alpha = await host("alpha");
    const file = fileOfTest("runs");
    const lost = executor.submit(tasks.waits, file);
    await until(() => isWritten(file));
    transport.cut(alpha.id);
    const error = await rejection(lost);
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect(error).toMatchObject({ exit: { host: "alpha", workerId: 0 } });
    expect(error.message).toContain("Host alpha was lost while it ran waits");
    expect(readFileSync(file, "utf8")).toBe("begun ");
  });

  it("that is lost has its call run once more on another host if it has retries, and a late answer changes nothing", async () => {
    const alpha = await host("alpha");
    const [file, gate] = [fileOfTest("runs"), fileOfTest("gate")];
    const result = executor.with({ retries: 1 }).submit(tasks.runsOnceEach, file, gate);
    await until(() => isWritten(file));
    transport.cut(alpha.id);
    await host("beta");
    await until(() => readFileSync(file, "utf8").split(" ").length === 3);
    writeFileSync(gate, "");
    expect(await result).toBe(2);
    expect(readFileSync(file, "utf8").split(" ")).toHaveLength(3);
    expect(executor.stats()).toMatchObject({ submitted: 1, fulfilled: 1, crashes: 1 });
  });

  it("ends what runs for a caller that has gone", async () => {
    const alpha = await host("alpha");
    const gone = new RemoteExecutor({ transport, root });
    const file = fileOfTest("stream");
    const stream = gone.stream(tasks.counts, 1_000, file);
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    transport.cut(transport.peers().at(-1)!);
    await until(() => alpha.running === 0);
    expect(readFileSync(file, "utf8")).toMatch(/closed $/);
    expect(await executor.submit(tasks.add, 1, 1)).toBe(2);
  });

  it("with another version of the code runs none of its calls", async () => {
    hosts.push(await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name: "old", version: "1", pool: { maxWorkers: 1 } }));
    const next = new RemoteExecutor({ transport, root, version: "2" });
    expect(await rejection(next.with({ queueTimeoutMs: 50 }).submit(tasks.add, 1, 1))).toMatchObject({ stage: "queue" });
    await next.shutdown();
  });
});

describe("an engine that loses its data", () => {
  it("fails the calls that waited, or has them pushed again if they have retries", async () => {
    const lost = executor.submit(tasks.add, 1, 2);
    const again = executor.with({ retries: 1 }).submit(tasks.add, 3, 4);
    await until(() => transport.waiting === 2);
    transport.forget();
    expect(await rejection(lost)).toMatchObject({ name: "WorkerCrashedError", cause: { message: expect.stringContaining("lost the call") } });
    await host("alpha");
    expect(await again).toBe(7);
  });
});

describe("a secret", () => {
  const secret = "a secret of the tests";

  it("lets calls pass where both sides have it", async () => {
    hosts.push(await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name: "alpha", secret, pool: { maxWorkers: 1 } }));
    const signed = new RemoteExecutor({ transport, root, secret });
    expect(await signed.submit(tasks.add, 1, 2)).toBe(3);
    await signed.shutdown();
  });

  it.each([[undefined, secret], [secret, undefined], [secret, "another secret of it"]])("refuses calls of a caller with %j at a host with %j, and runs none", async (callers, hosts_) => {
    hosts.push(await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], name: "alpha", secret: hosts_, pool: { maxWorkers: 1 } }));
    const file = fileOfTest("runs");
    const other = new RemoteExecutor({ transport, root, secret: callers });
    const error = await rejection(other.submit(tasks.waits, file));
    expect(error).toMatchObject({ name: "RemoteMessageError", code: "ERR_OFFLOOP_REMOTE_MESSAGE", message: expect.stringContaining("the same secret") });
    expect(existsSync(file)).toBe(false);
    await other.shutdown();
  });
});
