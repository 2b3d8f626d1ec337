// Child processes as workers of a pool. The code that starts a process is loaded with the first one.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerKind } from "../dispatch/worker-kind.js";
import { WorkerStartError } from "../executor/errors.js";
import { otherRuntime } from "../executor/runtime.js";
import { loadModule } from "../executor/load-module.js";

/** The kind of worker of a `ProcessPoolExecutor`. */
export function processKind(options: ResolvedPoolOptions): WorkerKind {
  if (otherRuntime === "Bun") throw new WorkerStartError("Processes of offloop do not run under Bun, which serializes messages in another way. Use threads: toThread(), or a ThreadPoolExecutor.");
  const { startProcess } = loadModule<typeof import("./process-worker.js")>(import.meta.url, "../process/process-worker.js");
  return { name: "process", start: (listener) => startProcess(options, listener) };
}
