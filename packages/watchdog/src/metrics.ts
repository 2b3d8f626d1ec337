/// <reference types="node" preserve="true" />
// The metrics that the endpoint exports, for packages that export the same.
export { BoundedLabels, CALL_SECONDS, endpointMetrics, MOST_EXECUTORS, poolMetrics, STALL_SECONDS, stallMetrics } from "./protocol/metrics.js";
export type { Metric } from "./protocol/metrics.js";
