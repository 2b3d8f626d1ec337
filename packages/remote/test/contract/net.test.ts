// The contract suite against hosts in another process. not-portable.ts lists the tests that do not hold, each with its reason.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describeExecutor, type TestRunner } from "@offloop/workers/testing";
import { afterAll, afterEach, beforeEach, describe, it, vi } from "vitest";
import { notPortable } from "./not-portable.js";

// Each message crosses three processes, which a busy machine runs one after another.
vi.setConfig({ testTimeout: 180_000 });

const farm = spawn(process.execPath, [new URL("./farm.mjs", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
process.env.OFFLOOP_TEST_FARM = String(((await once(farm.stdout, "data")) as [Buffer])[0]);
afterAll(() => farm.stdin.end());

const { default: make } = await import("./make-net.mjs");
const runner: TestRunner = { describe, it, beforeEach, afterEach };
const portable: TestRunner = { ...runner, it: (...test) => (Object.hasOwn(notPortable, test[0]) ? undefined : runner.it(...test)) };

describeExecutor(portable, {
  name: "remote, with hosts in another process",
  make,
  module: new URL("./make-net.mjs", import.meta.url),
  capabilities: {
    workers: true,
    ownProcess: "its host runs calls on threads",
    sharedMemory: "a transport carries copies",
    transfer: "a transport carries copies",
    code: "a host runs only what it lists",
    syncWayBack: "there is no shared memory to wait in",
    nodeOptions: "the host starts the workers",
    heapLimit: "the host starts the workers",
    niceness: "the host starts the workers",
    output: "workers print where the host prints",
  },
});
