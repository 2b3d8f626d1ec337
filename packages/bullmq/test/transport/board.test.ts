// What bull-board shows of calls on other hosts.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { openTransport } from "@offloop/bullmq";
import { RemoteExecutor, startHost } from "@offloop/remote";
import { Queue } from "bullmq";
import { expect, it, vi } from "vitest";
import { startRedis } from "../../../../scripts/servers.mjs";
import * as tasks from "../../../remote/test/fixtures/tasks.mjs";
import { fileOfTest, isWritten, rejection, until } from "../../../remote/test/helpers.js";

vi.setConfig({ testTimeout: 60_000 });
const root = new URL("../../../remote/test/", import.meta.url);

interface Shown {
  readonly queues: readonly { readonly name: string; readonly counts: Readonly<Record<string, number>>; readonly jobs: readonly { readonly name: string; readonly isFailed: boolean }[] }[];
}

it("bull-board shows the calls that run and those that wait by the names of their functions, and nothing of those that are answered", async () => {
  const redis = await startRedis();
  const transport = await openTransport(redis.url);
  const host = await startHost({ transport, root, modules: ["./fixtures/tasks.mjs"], pool: { maxWorkers: 1 } });
  const executor = new RemoteExecutor({ transport, root });

  const queue = new Queue(host.queue, { connection: { url: redis.url }, prefix: "offloop" });
  const serverAdapter = new ExpressAdapter();
  createBullBoard({ queues: [new BullMQAdapter(queue, { readOnlyMode: true })], serverAdapter });
  const board = createServer(serverAdapter.getRouter()).listen(0, "127.0.0.1");
  await once(board, "listening");
  const { port } = board.address() as AddressInfo;
  const show = async (status: string): Promise<Shown["queues"][number]> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/queues?activeQueue=${encodeURIComponent(host.queue)}&status=${status}&page=1&jobsPerPage=10`);
    return ((await response.json()) as Shown).queues[0]!;
  };
  const names = async (status: string): Promise<string[]> => (await show(status)).jobs.map(({ name }) => name);

  expect(await executor.submit(tasks.add, 1, 2)).toBe(3);
  const begun = fileOfTest("begun");
  const running = executor.submit(tasks.waits, begun);
  await until(() => isWritten(begun));
  const waiting = [executor.with({ name: "nightly report" }).submit(tasks.square, 3), executor.submit(tasks.add, 1, 1)];
  while ((await show("prioritized")).counts["prioritized"] !== 2);
  expect((await show("active")).name).toBe(host.queue);
  expect(await names("active")).toEqual(["waits"]);
  expect((await names("prioritized")).toSorted()).toEqual(["add", "nightly report"]);
  running.cancel();
  expect(await rejection(running)).toMatchObject({ name: "CancelledError" });
  expect(await Promise.all(waiting)).toEqual([9, 2]);
  while (((await show("active")).counts["active"] ?? 0) > 0);
  expect(Object.values((await show("latest")).counts).every((count) => count === 0)).toBe(true);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

  board.close();
  board.closeAllConnections();
  await queue.close();
  await executor.shutdown();
  await host.stop();
  await transport.close();
  await redis.stop();
});
