// The contract suite against hosts in another process, on BullMQ and a Redis of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, vi } from "vitest";
import { startRedis } from "../../../../scripts/servers.mjs";
import { describeRemote } from "../../../remote/test/contract/describe-remote.js";

// Each message crosses three processes, which a busy machine runs one after another.
vi.setConfig({ testTimeout: 180_000 });

const redis = await startRedis();
const farm = spawn(process.execPath, [new URL("./farm.mjs", import.meta.url).pathname, redis.url], { stdio: ["pipe", "pipe", "inherit"] });
process.env.OFFLOOP_TEST_REDIS_FARM = JSON.stringify([redis.url, Number(((await once(farm.stdout, "data")) as [Buffer])[0])]);
afterAll(async () => {
  farm.stdin.end();
  await redis.stop();
});

const { default: make } = await import("./make-redis.mjs");
describeRemote("remote on BullMQ and Redis", make, new URL("./make-redis.mjs", import.meta.url));
