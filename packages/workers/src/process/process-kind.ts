// Child processes as workers of a pool. The code that starts a process is loaded with the first one.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerKind } from "../dispatch/worker-kind.js";
import { inRoot } from "../executor/root-context.js";

/** The kind of worker of a `ProcessPoolExecutor`. */
export function processKind(options: ResolvedPoolOptions): WorkerKind {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  const { startProcess } = inRoot(() => process.getBuiltinModule("node:module").createRequire(import.meta.url)("../process/process-worker.js") as typeof import("./process-worker.js"));
  return { name: "process", start: (listener) => startProcess(options, listener) };
}
