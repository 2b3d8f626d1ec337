/// <reference types="node" preserve="true" />
// The face of @offloop/fastify.
export { offloop } from "./plugin.js";
export type { OffloopPluginOptions, RouteOffloadOptions } from "./options.js";
export type * from "@offloop/http";
export type { OutputLine, PoolOptions, ThreadPoolOptions } from "@offloop/workers";
export type * from "@offloop/watchdog";
