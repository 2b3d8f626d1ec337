// A user of Redis with the rights that docs/bullmq.md gives, and no others.
import { readFileSync } from "node:fs";
import { openTransport } from "@offloop/bullmq";
import { type Host, RemoteExecutor, startHost, type Transport } from "@offloop/remote";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Server, startRedis } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";
import { fileOfTest, isWritten, rejection, until } from "../../../remote/test/helpers.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const root = new URL("../../../remote/test/", import.meta.url);

/** The line of the docs, as words after `user`. */
const [, line] = /^user (offloop .*)$/m.exec(readFileSync(new URL("../../../../docs/bullmq.md", import.meta.url), "utf8"))!;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

let redis: Server;
let transport: Transport;
let executor: RemoteExecutor;
let host: Host;
let user: Redis;

beforeAll(async () => {
  redis = await startRedis();
  const admin = new Redis(redis.url);
  await admin.call("ACL", "SETUSER", ...line!.split(" "));
  admin.disconnect();
  const password = />(\S+)/.exec(line!)![1]!;
  const url = redis.url.replace("//", `//offloop:${password}@`);
  user = new Redis(url);
  transport = await openTransport(url);
  executor = new RemoteExecutor({ transport, root });
  host = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
});

afterAll(async () => {
  await executor.shutdown({ timeoutMs: 0 });
  await host.stop({ timeoutMs: 0 });
  await transport.close();
  user.disconnect();
  await redis.stop();
});

describe("a user with the rights of the docs", () => {
  it("calls, maps, streams, sends large values, and gets errors whole", async () => {
    expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
    expect(await all(executor.map(tasks.square, [1, 2, 3]))).toEqual([1, 4, 9]);
    expect(await all(executor.stream(tasks.counts, 100))).toHaveLength(100);
    expect(await executor.submit(tasks.size, Buffer.alloc(100_000))).toBe(100_000);
    expect(await rejection(executor.submit(tasks.fails, "broken"))).toMatchObject({ name: "RangeError", code: "E_TASK" });
  });

  it("cancels what runs and what waits", async () => {
    const file = fileOfTest("begun");
    const running = executor.submit(tasks.waits, file);
    await until(() => isWritten(file));
    const waiting = executor.submit(tasks.add, 1, 1);
    waiting.cancel("enough");
    running.cancel("enough");
    expect(await rejection(waiting)).toMatchObject({ name: "CancelledError" });
    expect(await rejection(running)).toMatchObject({ name: "CancelledError" });
    await until(() => host.running === 0);
  });

  it("has nothing else of Redis", async () => {
    for (const command of [["GET", "other"], ["KEYS", "*"], ["FLUSHALL"], ["CONFIG", "GET", "*"], ["ACL", "LIST"], ["PUBLISH", "channel", "text"]] as const) {
      expect(await rejection(user.call(...(command as unknown as [string])))).toMatchObject({ message: expect.stringContaining("NOPERM") });
    }
  });
});
