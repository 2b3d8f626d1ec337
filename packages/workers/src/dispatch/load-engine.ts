// Loads the engine of pools with the first pool. Importing the package loads only its entry module.
import { loadModule } from "../executor/load-module.js";

type Engine = typeof import("./pool-engine.js");

let loaded: Engine | undefined;

/** Loads the engine at the first call. Later calls return the same module. */
export function loadEngine(): Engine {
  return (loaded ??= loadModule<Engine>(import.meta.url, "../dispatch/pool-engine.js"));
}
