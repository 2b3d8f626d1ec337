// ThreadPoolExecutor under the contract; the suites are in src/testing.
import { ThreadPoolExecutor } from "@offloop/workers";
import { describeExecutor } from "@offloop/workers/testing";
import { afterEach, beforeEach, describe, it } from "vitest";

describeExecutor({ describe, it, beforeEach, afterEach }, {
  name: "thread",
  make: (options) => new ThreadPoolExecutor(options),
  module: new URL("./make-thread.mjs", import.meta.url),
  capabilities: {
    workers: true,
    ownProcess: "threads live in the process of their caller",
    sharedMemory: true,
    transfer: true,
    code: true,
    syncWayBack: true,
    nodeOptions: true,
    heapLimit: true,
    niceness: true,
    output: true,
  },
});
