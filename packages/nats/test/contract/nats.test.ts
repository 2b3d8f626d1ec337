// The contract suite against hosts in another process, on a NATS of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, vi } from "vitest";
import { startNats } from "../../../../scripts/servers.mjs";
import { describeRemote } from "../../../remote/test/contract/describe-remote.js";

// Each message crosses three processes, which a busy machine runs one after another.
vi.setConfig({ testTimeout: 180_000 });

const nats = await startNats();
const farm = spawn(process.execPath, [new URL("./farm.mjs", import.meta.url).pathname, nats.url], { stdio: ["pipe", "pipe", "inherit"] });
process.env.OFFLOOP_TEST_NATS_FARM = JSON.stringify([nats.url, Number(((await once(farm.stdout, "data")) as [Buffer])[0])]);
afterAll(async () => {
  farm.stdin.end();
  await nats.stop();
});

const { default: make } = await import("./make-nats.mjs");
describeRemote("remote on NATS", make, new URL("./make-nats.mjs", import.meta.url));
