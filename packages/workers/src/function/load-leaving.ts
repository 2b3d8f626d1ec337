// Loads function/leaving/ on demand. A worker needs it only for fromThread(), so no worker loads it when it starts. Loading is synchronous, because fromThread.sync() and fromThread.callSoon() cannot await.
import { loadModule } from "../executor/load-module.js";

type Leaving = typeof import("./leaving/locate-function.js");

let loaded: Leaving | undefined;

/** Loads the module at the first call. Later calls return the same module. */
export function loadLeaving(): Leaving {
  // The path is right from this file and from the bundle that ships: both lie one folder deep.
  return (loaded ??= loadModule<Leaving>(import.meta.url, "../function/leaving/locate-function.js"));
}
