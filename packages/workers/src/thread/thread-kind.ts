// Threads as workers of a pool. The code that starts a thread is loaded with the first one.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerKind } from "../dispatch/worker-kind.js";
import { loadModule } from "../executor/load-module.js";

/** The kind of worker of a `ThreadPoolExecutor`. */
export function threadKind(options: ResolvedPoolOptions): WorkerKind {
  const { startThread } = loadModule<typeof import("./thread-worker.js")>(import.meta.url, "../thread/thread-worker.js");
  return { name: "thread", start: (listener) => startThread(options, listener) };
}
