/// <reference types="node" preserve="true" />
// The contract of executors, on its own: it loads no executor. Executors, and the bases of your own, are in the
// package itself and in its subpath /pool.
export type { CallArguments, Callable, CallTarget, MapItem, ModuleExport, TaskReference } from "./callable.js";
export { CallFuture, callOf, isCallFuture, letTasksFollow } from "./call-future.js";
export type { CallSettler, CallState, Cancellable } from "./call-future.js";
export {
  abortSignal, anything, atLeastMs, callback, checkOption, checkOptions, environment, finiteNumber, flag, instanceOf, integer, integerOrInfinity, invalidArgument,
  invalidOption, nameText, number, objectWith, oneOf, requireOptions, spanMs, stringList, text,
} from "./check-options.js";
export type { OptionTable, OptionType } from "./check-options.js";
export { bindToThread } from "./bound-to-thread.js";
export { isThenable } from "./callee.js";
export { noteCallers } from "./callers.js";
export { inspectAs } from "./inspect-as.js";
export { isError, isPrototypeOf } from "./realm.js";
export { onAbort } from "./signal-hub.js";
export { LONGEST_DELAY_MS } from "./timer.js";
/** The functions of time, as they were when this package was loaded: a test runner that fakes timers later does not change them. */
export * as realTime from "./real-time.js";
export { rootContext } from "./root-context.js";
export { defaultCallOptions, resolveCallOptions } from "./call-options.js";
export type { CallLimiter, CallOptions, OnCancel, ProgressListener, ResolvedCallOptions } from "./call-options.js";
export {
  CallTimeoutError,
  CancelledError,
  CloneError,
  ExecutorShutdownError,
  FunctionTravelError,
  InvalidArgumentError,
  InvalidOptionError,
  InvalidStateError,
  OffloopError,
  OutOfMemoryError,
  PoisonCallError,
  QueueFullError,
  TimeoutError,
  WorkerCrashedError,
  WorkerStartError,
} from "./errors.js";
export type { WorkerExit } from "./errors.js";
export type { BackRequest, FarCaller } from "./far-caller.js";
export type { ChunkResult } from "./map-calls.js";
export type { MapOptions, ResolvedMapOptions } from "./map-options.js";
export { resolveShutdownOptions } from "./shutdown-options.js";
export type { ResolvedShutdownOptions, ShutdownOptions } from "./shutdown-options.js";
export type { Executor, ExecutorStats, Streamed } from "./executor.js";
export type { DurationStats } from "./duration-totals.js";
export type { CallTimes } from "./channels.js";
export { executors } from "./living.js";
export { callSoonThreadsafe, fromThread } from "./from-thread.js";
export type { FromThread } from "./from-thread.js";
export { setMainHost } from "./main-host.js";
export type { Followed, MainHost } from "./main-host.js";
export type { DataWithoutMethods, FunctionsDoNotArrive, Received, ReturnsData } from "./received.js";
export { propagate, setTraceContextOfCalls } from "./propagate.js";
export { prepareThreads } from "./prepare-threads.js";
export { readStack } from "./stack.js";
export { classNameOf, functionName, messageOf, textOf } from "./text-of.js";
export type { ContextValues, PropagateOptions } from "./propagate.js";
export { taskContext } from "./task-context.js";
export type { TaskContext } from "./task-context.js";
export { move, transfer } from "./transfer.js";
