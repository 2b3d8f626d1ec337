/// <reference types="node" preserve="true" />
// The face of @offloop/http. Plug-ins for frameworks are built on the same exports.
export { abortSignalOf } from "./abort-signal-of.js";
export type { AnyRequest, FastifyStyleRequest, FetchStyleRequest, HonoStyleContext, KoaStyleContext, NodeRequest } from "./any-request.js";
export { ClientGoneError, OverloadedError, RequestTimeoutError } from "./errors.js";
export { LoadGauge } from "./load-gauge.js";
export type { HoldingPlace, LoadGaugeOptions, LoadLimits, LoadReading, ProcessLoad, Refusal, RefusalReason } from "./load-gauge.js";
export { offloadFor } from "./offload-for.js";
export type { OffloadForOptions, RequestOffload } from "./offload-for.js";
export { shedLoad } from "./shed-load.js";
export type { ShedLoad, ShedLoadOptions } from "./shed-load.js";
export type * from "@offloop/workers/executor";
