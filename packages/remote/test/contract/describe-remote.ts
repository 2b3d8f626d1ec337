// The contract suite for an executor whose hosts are in another process. not-portable.ts lists the tests that do not hold,
// each with its reason.
import { describeExecutor, type TestRunner } from "@offloop/workers/testing";
import { afterEach, beforeEach, describe, it } from "vitest";
import { notPortable } from "./not-portable.js";

const runner: TestRunner = { describe, it, beforeEach, afterEach };
const portable: TestRunner = { ...runner, it: (...test) => (Object.hasOwn(notPortable, test[0]) ? undefined : runner.it(...test)) };

export function describeRemote(name: string, make: Parameters<typeof describeExecutor>[1]["make"], module: URL): void {
  describeExecutor(portable, {
    name,
    make,
    module,
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
}
