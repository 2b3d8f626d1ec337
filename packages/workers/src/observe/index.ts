/// <reference types="node" preserve="true" />
// What packages share that measure executors for a system of metrics: @offloop/opentelemetry and @offloop/prometheus.
export { executorGauges } from "./executor-gauges.js";
export type { ExecutorGauges } from "./executor-gauges.js";
export { Subscriptions } from "./subscriptions.js";
