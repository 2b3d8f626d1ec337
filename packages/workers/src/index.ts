/// <reference types="node" preserve="true" />
// The face of @offloop/workers. The floors, from below:
//   executor/  the contract        protocol/  the data that crosses  entry/  inside a worker
//   function/  how functions travel  dispatch/  queue, lanes, policy  thread/ process/  the pools
export { BaseExecutor } from "./executor/base-executor.js";
export {
  CallFuture,
  callSoonThreadsafe,
  CallTimeoutError,
  CancelledError,
  CloneError,
  executors,
  ExecutorShutdownError,
  fromThread,
  FunctionTravelError,
  InvalidArgumentError,
  InvalidOptionError,
  InvalidStateError,
  OffloopError,
  OutOfMemoryError,
  move,
  PoisonCallError,
  propagate,
  QueueFullError,
  taskContext,
  TimeoutError,
  transfer,
  WorkerCrashedError,
  WorkerStartError,
} from "./executor/index.js";
export type {
  Callable,
  CallArguments,
  CallLimiter,
  CallOptions,
  CallSettler,
  CallState,
  CallTarget,
  Cancellable,
  ChunkResult,
  DurationStats,
  Executor,
  ExecutorStats,
  FromThread,
  DataWithoutMethods,
  FunctionsDoNotArrive,
  MapItem,
  MapOptions,
  ModuleExport,
  OnCancel,
  ProgressListener,
  PropagateOptions,
  Received,
  ReturnsData,
  BackRequest,
  ContextValues,
  FarCaller,
  ResolvedCallOptions,
  ShutdownOptions,
  Streamed,
  TaskContext,
  TaskReference,
  WorkerExit,
} from "./executor/index.js";
export { InlineExecutor } from "./executor/inline-executor.js";
export { closeActor, proxy, spawnActor, withSignal } from "./actor/index.js";
export type {
  Absent,
  Actor,
  ActorHandle,
  ActorOptions,
  MarkedByProxy,
  Proxied,
  Remote,
  RemoteArguments,
  RemoteClass,
  RemoteFunction,
  RemoteHandle,
  RemoteIterable,
  RemoteMember,
  RemoteMembers,
  RemoteResult,
  SpawnActor,
} from "./actor/index.js";
export type { OutputLine, PoolOptions } from "./dispatch/pool-options.js";
export { task } from "./function/task.js";
export { workerModule } from "./function/worker-module.js";
export type { TaskMarkOptions } from "./function/task.js";
export type { WorkerModule } from "./function/worker-module.js";
export { channels } from "./executor/channels.js";
export type { CallEvent, CallRequeuedEvent, CallSentEvent, CallSettledEvent, CallTimes, TypedChannel, WorkerEvent, WorkerExitedEvent } from "./executor/channels.js";
export { ProcessPoolExecutor } from "./process/process-pool-executor.js";
export type { ProcessPoolOptions } from "./process/process-pool-executor.js";
export { ThreadPoolExecutor } from "./thread/thread-pool-executor.js";
export type { ThreadPoolOptions } from "./thread/thread-pool-executor.js";
