// Threads as workers of a pool. The code that starts a thread is loaded with the first one.
import type { ResolvedPoolOptions } from "../dispatch/pool-options.js";
import type { WorkerKind } from "../dispatch/worker-kind.js";
import { inRoot } from "../executor/root-context.js";

/** The kind of worker of a `ThreadPoolExecutor`. */
export function threadKind(options: ResolvedPoolOptions): WorkerKind {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  const { startThread } = inRoot(() => process.getBuiltinModule("node:module").createRequire(import.meta.url)("../thread/thread-worker.js") as typeof import("./thread-worker.js"));
  return { name: "thread", start: (listener) => startThread(options, listener) };
}
