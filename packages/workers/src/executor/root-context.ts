// The root context: what outlives a call (workers, pools, loops, clocks) is made in it, so that it keeps the
// AsyncLocalStorage values of no caller alive.
//
//   Node 24 and later   V8 carries a frame of values
//   Node 20 and 22      hooks put the values into each promise and resource when it is made. Without a storage
//                       that has a value there are no hooks, and every context is the root context
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { NativePromise } from "./intrinsics.js";

/** Made when this module is loaded, and not when a request first uses a pool or a loop. */
export const rootContext = new AsyncResource("offloop.Root", { requireManualDestroy: true });

/** Whether this Node keeps the values by hooks. */
export const byHooks = "_enable" in AsyncLocalStorage.prototype;

/** The property of what the hooks have seen. */
const asyncId = Object.getOwnPropertySymbols(rootContext).find(({ description }) => description === "async_id_symbol");

/** Whether hooks were there when `promise` was made. */
export function hookSaw(promise: Promise<unknown>): boolean {
  return asyncId !== undefined && asyncId in promise;
}

/** Runs `fn` in the root context. An `import()` too: on Node 20 a module keeps the context that imported it. */
export function inRoot<R>(fn: () => R): R {
  return byHooks && asyncId !== undefined && !hookSaw(new NativePromise(nothing)) ? fn() : rootContext.runInAsyncScope(fn);
}

function nothing(): void {}
