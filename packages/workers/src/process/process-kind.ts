// Child processes as workers of a pool. The code that starts a process is loaded with the first one.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import { refuseBun } from "../dispatch/child-node.js";
import type { WorkerKind } from "../dispatch/worker-kind.js";
import { loadModule } from "../executor/load-module.js";

/** The kind of worker of a `ProcessPoolExecutor`. */
export function processKind(options: ResolvedPoolOptions): WorkerKind {
  refuseBun();
  const { startProcess } = loadModule<typeof import("./process-worker.js")>(import.meta.url, "../process/process-worker.js");
  return { name: "process", start: (listener) => startProcess(options, listener) };
}
