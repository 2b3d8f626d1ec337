// The asynchronous context of a caller: its AsyncLocalStorage values, and with them its ContextVars. A callback
// runs in the context of the code that passed it, whoever calls it.
//
//   Node 24 and later   V8 carries a frame of values; an AsyncResource keeps the frame. It takes about 10 ns
//   Node 20 and 22      hooks put the values into each promise and resource when it is made. One more resource
//                       would make a short call a third slower, but each call has a promise already: its future
import { AsyncResource } from "node:async_hooks";
import { mainHost } from "./main-host.js";
import { byHooks, hookSaw, rootContext } from "./root-context.js";
import { callBack } from "./user-callback.js";

/** An object that keeps the context of the code that created it. */
export type CallerContext = AsyncResource | Promise<unknown>;

const MANUAL = { requireManualDestroy: true };

/** The context of the code that runs now. @param future a promise that this code has just made */
export function captureCaller(future?: Promise<unknown>): CallerContext {
  return byHooks && future !== undefined ? future : new AsyncResource("offloop.Caller", MANUAL);
}

/** For workers: a context for one call, so that what it enters by `enterWith` or `ContextVar.set` is not left for the next one. */
export function contextOfOneCall(): AsyncResource {
  // Hooks write into the resource; a frame is put back when the call returns.
  return byHooks ? new AsyncResource("offloop.Call", MANUAL) : rootContext;
}

/** Runs `fn` with the values of the caller, but outside its task, which may have ended. `undefined`: with the values of nobody. */
export function runAs<R>(caller: CallerContext | undefined, fn: () => R): R {
  const known = caller instanceof AsyncResource || (caller !== undefined && hookSaw(caller)); // otherwise the future was made before a storage had any value
  const inContext = AsyncResource.prototype.runInAsyncScope<undefined, R>;
  return inContext.call((known ? caller : rootContext) as AsyncResource, () => mainHost().outsideTasks(fn));
}

/** As `callBack`, with the values of the caller. */
export function callBackAs<A extends unknown[]>(caller: CallerContext | undefined, callback: (...args: A) => unknown, ...args: A): void {
  runAs(caller, () => callBack(callback, ...args));
}
