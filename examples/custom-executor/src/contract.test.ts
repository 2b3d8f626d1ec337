// Runs the contract suite of @offloop/workers against the executor, by Node's test runner.
import { after, afterEach, beforeEach, describe, it } from "node:test";
import { describeExecutor } from "@offloop/workers/testing";
import make from "./make.js";
import { startHost } from "./start-host.js";

const host = await startHost();
process.env.TCP_EXECUTOR_PORT = String(host.port);
after(() => host.stop());

describeExecutor({ describe, it, beforeEach, afterEach }, {
  name: "tcp",
  make,
  module: new URL("./make.js", import.meta.url),
  capabilities: {
    workers: true,
    ownProcess: true,
    sharedMemory: "a connection carries copies",
    transfer: "a connection carries copies",
    code: true,
    syncWayBack: "there is no shared memory to wait in",
    nodeOptions: "the host starts the workers",
    heapLimit: "the host starts the workers",
    niceness: "the host starts the workers",
    output: "workers print where the host prints",
  },
});
