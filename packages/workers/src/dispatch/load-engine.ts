// Loads the engine of pools with the first pool. Importing the package loads only its entry module. Loading is
// synchronous, because `new ThreadPoolExecutor()` is.
import { inRoot } from "../executor/root-context.js";

type Engine = typeof import("./pool-engine.js");

let loaded: Engine | undefined;

/** Loads the engine at the first call. Later calls return the same module. */
export function loadEngine(): Engine {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  return (loaded ??= inRoot(() => process.getBuiltinModule("node:module").createRequire(import.meta.url)("../dispatch/pool-engine.js") as Engine));
}
