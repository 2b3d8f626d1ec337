// The one install: everything of @offloop/core, @offloop/workers and @offloop/watchdog under one name.
// It only re-exports.
export {
  ALL_COMPLETED, allTasks, asCompleted, Barrier, BoundedSemaphore, BrokenBarrierError, callSoonThreadsafe, CancelledError, CancelScope, captureCallGraph,
  CapacityLimiter, Condition, Context, ContextVar, copyContext, createTask, currentTask, detached, ensureFuture, Event, EventLoop, failAfter,
  FIRST_COMPLETED, FIRST_EXCEPTION, firstCompleted, fromThread, Future, gather, getEventLoop, getEventLoopPolicy, getRunningLoop, Handle,
  InvalidArgumentError, InvalidOptionError, InvalidStateError, isCancelled, LifoQueue, Lock, LoopClosedError, moveOnAfter, newEventLoop, OffloopError, printCallGraph, PriorityQueue,
  Queue, QueueEmpty, QueueFull, QueueShutDown, race, rethrowCancelled, run, runInExecutor, Runner, Semaphore, setDefaultExecutor,
  setDefaultProcessExecutor, setEventLoop, setEventLoopPolicy, shield, shutdownDefaultExecutor, sleep, Task, TaskGroup, taskGroup, timeout, timeoutAt,
  TimeoutError, TimerHandle, toProcess, toThread, VirtualTimeLoop, wait, waitFor, WouldBlockError, wrapFuture,
} from "@offloop/core";
export type {
  Abortable, AbortOfCancellation, AnyResultOf, AsCompletedOptions, Awaitable, Awaitables, Callback, CallGraph, CallGraphOptions, CancelScopeOptions, CapacityStatistics, Clock, ComingCall, ContextToken, ContextVarOptions, DoneCallback, DoneFuture, EventLoopOptions, EventLoopPolicy, FuturesOf,
  ExceptionContext, FromThread, FutureOptions, FutureState, GatherOptions, Hold, ItemStore, PrintCallGraphOptions, PriorityQueueOptions, QueueShutdownOptions, ResultOf, ResultsOf, ReturnWhen, RunnerRunOptions, RunOptions, SleepOptions, TaskBody, TaskOptions,
  Timeout, ToExecutor, ToThread, VirtualTimeLoopOptions, WaitOptions, WaitResult,
} from "@offloop/core";
export {
  BaseExecutor, CallFuture, CallTimeoutError, channels, CloneError, closeActor, executors, ExecutorShutdownError, FunctionTravelError, InlineExecutor, move,
  OutOfMemoryError, PoisonCallError, ProcessPoolExecutor, propagate, proxy, QueueFullError, spawnActor, task, taskContext, ThreadPoolExecutor,
  transfer, withSignal, WorkerCrashedError, workerModule, WorkerStartError,
} from "@offloop/workers";
export type {
  Absent, Actor, ActorHandle, ActorOptions, Callable, CallArguments, CallEvent, CallLimiter, CallOptions, CallRequeuedEvent, CallSentEvent, CallSettledEvent, CallSettler, CallState, CallTarget, CallTimes, Cancellable, ChunkResult, DurationStats,
  BackRequest, ContextValues, DataWithoutMethods, Executor, ExecutorStats, FarCaller, FunctionsDoNotArrive, MapItem, MapOptions, MarkedByProxy, ModuleExport, OnCancel, OutputLine, PoolOptions, ProcessPoolOptions, ProgressListener, PropagateOptions, Proxied, Received, Remote, RemoteArguments, RemoteClass, RemoteFunction, RemoteHandle, RemoteIterable, RemoteMember, RemoteMembers, RemoteResult, ResolvedCallOptions, ReturnsData,
  ShutdownOptions, SpawnActor, Streamed, TaskContext, TaskReference, TaskMarkOptions, ThreadPoolOptions, TypedChannel, WorkerEvent, WorkerExit, WorkerExitedEvent,
  WorkerModule,
} from "@offloop/workers";
export {
  allowBlocking, formatStall, formatSyncCall, LoopHeldError, optionsFromEnvironment, stallChannels, startWatchdog, WatchdogError,
  WatchdogFailedError,
  WatchdogOptionError,
} from "@offloop/watchdog";
export type {
  Breadcrumbs, FormatOptions, HotFrame, ListeningEvent, LoggedStall, LoggedSyncCall, Place, ProfileEntry, ReportFormat, Requests, ServeOptions, StackFrame, Stall,
  StallBeginEvent, StallEndEvent, StallKind, StallLogger, SyncCall, SyncCallEvent, Watchdog, WatchdogOptions,
} from "@offloop/watchdog";
