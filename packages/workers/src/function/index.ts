// How a function travels: located here, resolved again by entry/resolve-function.ts.
export { isLocatedForGood, locateFunction, locateFunctionNow } from "./locate-function.js";
export { task } from "./task.js";
export type { TaskOptions } from "./task.js";
export { workerModule } from "./worker-module.js";
export type { WorkerModule } from "./worker-module.js";
export type { Captures, FunctionPayload, LocatedFunction } from "../protocol/function-payload.js";
