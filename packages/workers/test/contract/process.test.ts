// ProcessPoolExecutor under the contract; the suites are in src/testing.
import { ProcessPoolExecutor } from "@offloop/workers";
import { describeExecutor } from "@offloop/workers/testing";
import { afterEach, beforeEach, describe, it } from "vitest";

describeExecutor({ describe, it, beforeEach, afterEach }, {
  name: "process",
  make: (options) => new ProcessPoolExecutor(options),
  module: new URL("./make-process.mjs", import.meta.url),
  capabilities: {
    workers: true,
    ownProcess: true,
    sharedMemory: "processes have none in common",
    transfer: "a pipe carries copies",
    code: true,
    syncWayBack: "there is no shared memory to wait in",
    nodeOptions: true,
    heapLimit: true,
    niceness: true,
    output: true,
  },
});
