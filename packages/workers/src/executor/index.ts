// The contract of executors, on its own: no pool is loaded by importing it.
export { BaseExecutor } from "./base-executor.js";
export type { CallArguments, Callable, CallTarget, MapItem, ModuleExport, TaskReference } from "./callable.js";
export { CallFuture } from "./call-future.js";
export type { CallSettler, CallState } from "./call-future.js";
export { defaultCallOptions, resolveCallOptions } from "./call-options.js";
export type { CallLimiter, CallOptions, OnCancel, ProgressListener, ResolvedCallOptions } from "./call-options.js";
export {
  CallTimeoutError,
  CancelledError,
  CloneError,
  ExecutorShutdownError,
  FunctionTravelError,
  InvalidOptionError,
  OffloopError,
  OutOfMemoryError,
  PoisonCallError,
  QueueFullError,
  WorkerCrashedError,
  WorkerStartError,
} from "./errors.js";
export type { WorkerExit } from "./errors.js";
export type { Executor, ExecutorStats, MapOptions, ShutdownOptions, Streamed } from "./executor.js";
export { callSoonThreadsafe, fromThread, setMainHost } from "./from-thread.js";
export type { FromThread, MainHost } from "./from-thread.js";
export { InlineExecutor } from "./inline-executor.js";
export type { DataWithoutMethods, FunctionsDoNotArrive, Received } from "./received.js";
export { propagate } from "./propagate.js";
export type { PropagateOptions } from "./propagate.js";
export { onAbort } from "./signal-hub.js";
export { taskContext } from "./task-context.js";
export type { TaskContext } from "./task-context.js";
export { move, transfer } from "./transfer.js";
