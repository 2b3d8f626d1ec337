// The public exports of @offloop/bullmq.
export { type ConfiguredJobTask, type JobFunction, type JobTask, type OffloopProcessor, offloopProcessor } from "./processor/offloop-processor.js";
export { openTransport } from "./transport/open-transport.js";
export type { RedisTransportOptions } from "./transport/redis-transport.js";
export type { JobInfo } from "./job/index.js";
export type {
  Callable, CallArguments, CallFuture, CallLimiter, CallOptions, CallSettler, CallState, Cancellable, DataWithoutMethods, Executor, DurationStats, ExecutorStats, FunctionsDoNotArrive, MapItem,
  MapOptions, ModuleExport, OnCancel, ProgressListener, Received, ReturnsData, ShutdownOptions, Streamed,
} from "@offloop/workers/executor";
export type { Delivery, HostEntry, Line, Loss, Peer, PeerListener, PushedCall, Serving, Transport } from "@offloop/remote";
