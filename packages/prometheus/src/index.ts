/// <reference types="node" preserve="true" />
// The face of @offloop/prometheus.
export { collectOffloopMetrics } from "./collect-metrics.js";
export type { OffloopMetrics, OffloopMetricsOptions } from "./collect-metrics.js";
