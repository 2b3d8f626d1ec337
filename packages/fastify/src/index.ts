/// <reference types="node" preserve="true" />
// The face of @offloop/fastify.
export { offloop } from "./plugin.js";
export type { ServerLoad } from "./plugin.js";
export type { HealthCheck } from "./health-check.js";
export type { OffloopPluginOptions, RouteOffloadOptions, ShedHandler } from "./options.js";
export type * from "@offloop/http";
export type { OutputLine, PoolOptions, ThreadPoolOptions } from "@offloop/workers";
export type * from "@offloop/watchdog";
