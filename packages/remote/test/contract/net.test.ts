// The contract suite against hosts in another process, by sockets.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, vi } from "vitest";
import { describeRemote } from "./describe-remote.js";

// Each message crosses three processes, which a busy machine runs one after another.
vi.setConfig({ testTimeout: 180_000 });

const farm = spawn(process.execPath, [new URL("./farm.mjs", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
process.env.OFFLOOP_TEST_FARM = String(((await once(farm.stdout, "data")) as [Buffer])[0]);
afterAll(() => farm.stdin.end());

const { default: make } = await import("./make-net.mjs");
describeRemote("remote, with hosts in another process", make, new URL("./make-net.mjs", import.meta.url));
