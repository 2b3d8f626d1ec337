/// <reference types="node" preserve="true" />
// The face of @offloop/core. The floors, from below:
//   loop/  scheduler, timers, handles    future/  Future, sleep             task/  Task, gather, timeout, …
//   offload/  toThread, runInExecutor, the only bridge to pools
export { CallTimeoutError, CancelledError, InvalidArgumentError, InvalidOptionError, InvalidStateError, isCancelled, LoopClosedError, OffloopError, rethrowCancelled, TimeoutError } from "./errors.js";
export type { AbortOfCancellation } from "./errors.js";
// The part of the executor contract that calls use, so that this package is enough to install. It loads no pool.
export {
  CallFuture, callSoonThreadsafe, CloneError, ExecutorShutdownError, fromThread, FunctionTravelError, move, OutOfMemoryError, PoisonCallError, propagate, QueueFullError,
  taskContext, transfer, WorkerCrashedError, WorkerStartError,
} from "@offloop/workers/executor";
export type {
  Callable, CallArguments, CallLimiter, CallOptions, CallSettler, CallState, Cancellable, DataWithoutMethods, Executor, DurationStats, ExecutorStats, FromThread, FunctionsDoNotArrive, MapItem,
  MapOptions, ModuleExport, OnCancel, ProgressListener, PropagateOptions, Received, ReturnsData, ShutdownOptions, Streamed, TaskContext, TaskReference, WorkerExit,
} from "@offloop/workers/executor";
export { EventLoop } from "./event-loop.js";
export type { EventLoopOptions, ExceptionContext } from "./event-loop.js";
export { Future } from "./future/future.js";
export type { DoneCallback, FutureOptions, FutureState } from "./future/future.js";
export { sleep } from "./future/sleep.js";
export type { SleepOptions } from "./future/sleep.js";
export type { Clock } from "./loop/clock.js";
export type { Callback } from "./loop/job.js";
export { Handle, TimerHandle } from "./loop/handle.js";
export { getEventLoop, getEventLoopPolicy, getRunningLoop, newEventLoop, setEventLoop, setEventLoopPolicy } from "./loop/running-loop.js";
export type { EventLoopPolicy } from "./loop/running-loop.js";
export { setDefaultExecutor, setDefaultProcessExecutor, shutdownDefaultExecutor } from "./offload/default-executor.js";
export { runInExecutor, toProcess, toThread } from "./offload/run-in-executor.js";
export type { ToExecutor, ToThread } from "./offload/run-in-executor.js";
export { wrapFuture } from "./future/wrap-future.js";
export type { ComingCall } from "./future/wrap-future.js";
export { run, Runner } from "./run.js";
export type { RunnerRunOptions, RunOptions } from "./run.js";
export { Barrier } from "./sync/barrier.js";
export { CapacityLimiter } from "./sync/capacity-limiter.js";
export type { CapacityStatistics } from "./sync/capacity-limiter.js";
export { Condition } from "./sync/condition.js";
export { BrokenBarrierError, QueueEmpty, QueueFull, QueueShutDown, WouldBlockError } from "./sync/errors.js";
export { Event } from "./sync/event.js";
export type { Hold } from "./sync/hold.js";
export type { ItemStore } from "./sync/item-store.js";
export { LifoQueue } from "./sync/lifo-queue.js";
export { Lock } from "./sync/lock.js";
export { PriorityQueue } from "./sync/priority-queue.js";
export type { PriorityQueueOptions } from "./sync/priority-queue.js";
export { Queue } from "./sync/queue.js";
export type { QueueShutdownOptions } from "./sync/queue.js";
export { BoundedSemaphore, Semaphore } from "./sync/semaphore.js";
export type { Abortable } from "./sync/waiter.js";
export { allTasks } from "./task/all-tasks.js";
export { asCompleted } from "./task/as-completed.js";
export type { AsCompletedOptions, DoneFuture } from "./task/as-completed.js";
import "./task/publish-tasks.js";
export { captureCallGraph, printCallGraph } from "./task/call-graph.js";
export type { CallGraph, CallGraphOptions, PrintCallGraphOptions } from "./task/call-graph.js";
export { CancelScope, failAfter, moveOnAfter } from "./task/cancel-scope.js";
export type { CancelScopeOptions } from "./task/cancel-scope.js";
export { Context, ContextVar, copyContext } from "./task/context.js";
export type { ContextToken, ContextVarOptions } from "./task/context.js";
export { detached } from "./task/detached.js";
export { ensureFuture } from "./task/ensure-future.js";
export type { AnyResultOf, Awaitable, Awaitables, FuturesOf, ResultOf, ResultsOf } from "./task/ensure-future.js";
export { gather } from "./task/gather.js";
export type { GatherOptions } from "./task/gather.js";
export { firstCompleted, race } from "./task/race.js";
export { shield } from "./task/shield.js";
export { createTask, currentTask, Task } from "./task/task.js";
export type { TaskBody, TaskOptions } from "./task/task.js";
export { TaskGroup, taskGroup } from "./task/task-group.js";
export { timeout, timeoutAt } from "./task/timeout.js";
export type { Timeout } from "./task/timeout.js";
export { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, wait, waitFor } from "./task/wait.js";
export type { ReturnWhen, WaitOptions, WaitResult } from "./task/wait.js";
export { VirtualTimeLoop } from "./virtual-time-loop.js";
export type { VirtualTimeLoopOptions } from "./virtual-time-loop.js";
