// The root context: what outlives a call (workers, pools, loops, clocks) is made in it, so that it keeps the
// AsyncLocalStorage values of no caller alive.
import { AsyncResource } from "node:async_hooks";

/** Made when this module is loaded, and not when a request first uses a pool or a loop. */
export const rootContext = new AsyncResource("offloop.Root", { requireManualDestroy: true });

/** Runs `fn` in the root context. An `import()` too: on Node 20 a module keeps the context that imported it. */
export function inRoot<R>(fn: () => R): R {
  return rootContext.runInAsyncScope(fn);
}
