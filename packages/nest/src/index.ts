/// <reference types="node" preserve="true" />
// The face of @offloop/nestjs.
export { Offload } from "./offload.js";
export type { OffloadDecorator } from "./offload.js";
export { OffloopExecutor, OffloopModule } from "./module.js";
export type { OffloopModuleAsyncOptions, OffloopModuleOptions } from "./module.js";
export type * from "@offloop/workers/executor";
export type { OutputLine, PoolOptions, ThreadPoolOptions } from "@offloop/workers";
