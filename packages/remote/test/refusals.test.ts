// What calls on other hosts cannot have is refused by name, at the call. contract/not-portable.ts has the reasons.
import { existsSync } from "node:fs";
import { MessageChannel } from "node:worker_threads";
import { CloneError, FunctionTravelError, InvalidOptionError } from "@offloop/workers";
import { type Host, RemoteExecutor, RemoteMessageError, startHost } from "@offloop/remote";
import { MemoryTransport } from "@offloop/remote/memory";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fileOfTest, rejection, until } from "./helpers.js";
import * as tasks from "./fixtures/tasks.mjs";

const root = new URL("./", import.meta.url);
const transport = new MemoryTransport({ maxBytes: 100_000 });
let host: Host;
let executor: RemoteExecutor;

beforeAll(async () => {
  host = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 }, name: "alpha" });
  executor = new RemoteExecutor({ transport, root });
});

afterAll(async () => {
  await executor.shutdown();
  await host.stop();
});

describe("refused by name", () => {
  it("pool options at the caller", () => {
    const options: Record<string, unknown> = { maxWorkers: 2, env: {}, execArgv: [], maxHeapBytes: 2 ** 26, nice: 1, setup: root, setupData: 1, onOutput: () => {} };
    for (const [name, value] of Object.entries(options)) {
      expect(() => new RemoteExecutor({ transport, root, [name]: value }), name).toThrow(InvalidOptionError);
      expect(() => new RemoteExecutor({ transport, root, [name]: value }), name).toThrow(`${name} of new RemoteExecutor() takes no value: the hosts have the workers. Give it to startHost()`);
    }
  });

  it("the option transfer", async () => {
    const bytes = new Uint8Array(8);
    expect(await rejection(executor.with({ transfer: [bytes.buffer] }).submit(tasks.size, bytes))).toMatchObject({ name: "InvalidOptionError", option: "transfer", message: expect.stringContaining("nothing can move to another host") });
    expect(bytes.byteLength).toBe(8);
  });

  it("ports and shared memory, with their path", async () => {
    const { port1 } = new MessageChannel();
    expect(await rejection(executor.submit(tasks.size, { deep: port1 } as never))).toMatchObject({ name: "CloneError", path: "args[0].deep" });
    port1.close();
    const shared = await rejection(executor.submit(tasks.size, [new SharedArrayBuffer(8)] as never));
    expect(shared).toBeInstanceOf(CloneError);
    expect(shared.path).toBe("args[0][0]");
  });

  it("a priority that is no whole number", async () => {
    for (const priority of [0.5, 1e7]) expect(await rejection(executor.with({ priority }).submit(tasks.add, 1, 1))).toMatchObject({ option: "priority" });
  });

  it("a limiter of a broadcast", async () => {
    const limiter = { acquire() {}, release() {} };
    expect(await rejection(executor.with({ limiter }).broadcast(tasks.where))).toMatchObject({ option: "limiter" });
  });

  it("fromThread.sync in a call, and code by fromThread", async () => {
    expect((await rejection(executor.submit(tasks.asksSync))).message).toContain("Await fromThread()");
    expect(await rejection(executor.submit(tasks.asksCode))).toBeInstanceOf(FunctionTravelError);
  });

  it("fromThread outside a call, whose worker and host go on", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    try {
      const before = tasks.seen.length;
      const file = fileOfTest("settled");
      await executor.submit(tasks.asksLater, file);
      await until(() => existsSync(file));
      expect(await rejection(executor.submit(tasks.lateFailure))).toMatchObject({ message: expect.stringContaining("no call is running that it belongs to") });
      expect(tasks.seen.length).toBe(before);
    } finally {
      warned.mockRestore();
    }
    expect(await executor.submit(tasks.add, 1, 1)).toBe(2);
  });

  it("arguments and results that are larger than the transport carries", async () => {
    const large = await rejection(executor.submit(tasks.size, new Uint8Array(200_000)));
    expect(large).toBeInstanceOf(RemoteMessageError);
    expect(large.message).toMatch(/The arguments of size take 200\d\d\d bytes, and the transport memory carries 100000 at most \(maxBytes\)/);
    expect((await rejection(executor.submit(tasks.bytes, 200_000))).message).toMatch(/The result of bytes takes 200\d\d\d bytes/);
    expect(await executor.submit(tasks.size, new Uint8Array(50_000))).toBe(50_000);
  });

  it("a root that is no folder, and a module outside it", async () => {
    expect(() => new RemoteExecutor({ transport, root: "file:///tasks" })).toThrow(/root of new RemoteExecutor\(\) takes the URL of a folder/);
    expect(await rejection(startHost({ transport, root, modules: ["../outside.js"] }))).toMatchObject({ option: "modules" });
    expect(await rejection(startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxQueue: 5 } }))).toMatchObject({ option: "pool", message: expect.stringContaining("RemoteExecutor") });
  });
});
