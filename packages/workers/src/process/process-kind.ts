// Child processes as workers of a pool. What starts one is loaded with the first of them.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerKind } from "../dispatch/worker-channel.js";

/** The kind of worker of a `ProcessPoolExecutor`. */
export function processKind(options: ResolvedPoolOptions): WorkerKind {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  const { startProcess } = process.getBuiltinModule("node:module").createRequire(import.meta.url)("../process/process-worker.js") as typeof import("./process-worker.js");
  return { name: "process", start: (listener) => startProcess(options, listener) };
}
