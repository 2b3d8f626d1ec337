// Calls over a Redis of their own: by offloop's transport, and by BullMQ's waitUntilFinished. Each worker is a host in a process
// of its own, so that a pool of processes has as many.
//
//   redis.ts (caller) ── Redis ──▶ redis-host.ts (one process for each worker)
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openTransport } from "@offloop/bullmq";
import { RemoteExecutor } from "@offloop/remote";
import { Queue, QueueEvents } from "bullmq";
import { type Server, startRedis } from "../../../scripts/servers.mjs";
import { adapt } from "./offloop.js";
import type { Contender, Pool } from "./pool.js";

const entry = fileURLToPath(new URL("./redis-host.js", import.meta.url));

export type HostKind = "offloop" | "bullmq";

interface Farm {
  readonly redis: Server;
  stop(): Promise<void>;
}

/** Starts a Redis and the hosts. */
async function startFarm(kind: HostKind, hosts: number): Promise<Farm> {
  const redis = await startRedis();
  const children = await Promise.all(Array.from({ length: hosts }, () => startHost(kind, redis.url)));
  return {
    redis,
    async stop() {
      for (const child of children) child.disconnect();
      await redis.stop();
    },
  };
}

async function startHost(kind: HostKind, url: string): Promise<ChildProcess> {
  const child = fork(entry, [kind, url], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [message] = (await Promise.race([once(child, "message"), once(child, "exit")])) as unknown[];
  if (message !== "ready") throw new Error(`a host exited with code ${String(message)} before it was ready`);
  return child;
}

export const offloop: Contender = {
  name: "offloop, Redis",
  async start(workers): Promise<Pool> {
    const farm = await startFarm("offloop", workers);
    const transport = await openTransport(farm.redis.url);
    const executor = new RemoteExecutor({ transport, root: new URL("../", import.meta.url) });
    return {
      ...adapt(executor),
      async close() {
        await executor.shutdown();
        await transport.close();
        await farm.stop();
      },
    };
  },
};

export const bullmq: Contender = {
  name: "BullMQ, waitUntilFinished",
  async start(workers): Promise<Pool> {
    const farm = await startFarm("bullmq", workers);
    const connection = { url: farm.redis.url };
    const queue = new Queue("tasks", { connection, defaultJobOptions: { removeOnComplete: 1_000 } });
    // It resolves before it listens from the newest event, and would lose the first ones.
    const events = new QueueEvents("tasks", { connection, lastEventId: "0" });
    events.setMaxListeners(0);
    await events.waitUntilReady();
    return {
      call: async (name, argument) => (await queue.add(name, argument)).waitUntilFinished(events),
      async close() {
        await events.close();
        await queue.close();
        await farm.stop();
      },
    };
  },
};
