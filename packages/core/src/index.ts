// The face of @offloop/core. The floors, from below:
//   loop/  scheduler, timers, handles    future/  Future, gather, sleep     task/  Task, run, timeout
//   offload/  toThread, runInExecutor, the only bridge to pools             watchdog/  reads loop/ only
export { CancelledError, InvalidOptionError, InvalidStateError, OffloopError, TimeoutError } from "./errors.js";
export { EventLoop, getEventLoop } from "./event-loop.js";
export type { ExceptionContext } from "./event-loop.js";
export { Future } from "./future/future.js";
export { gather } from "./future/gather.js";
export { sleep } from "./future/sleep.js";
export { Handle, TimerHandle } from "./loop/handle.js";
export { setDefaultExecutor, shutdownDefaultExecutor } from "./offload/default-executor.js";
export { runInExecutor, toThread } from "./offload/run-in-executor.js";
export type { ToThread } from "./offload/run-in-executor.js";
export { wrapFuture } from "./offload/wrap-future.js";
export { run } from "./run.js";
export { createTask, currentTask, Task } from "./task/task.js";
export type { TaskOptions } from "./task/task.js";
export { timeout } from "./task/timeout.js";
export { allowBlocking, formatStall, formatSyncCall, stallChannels, startWatchdog } from "./watchdog/index.js";
export type {
  Breadcrumbs, FormatOptions, HotFrame, ListeningEvent, Place, ProfileEntry, ReportFormat, ServeOptions, Stall, StallBeginEvent, StallEndEvent,
  StallKind, StackFrame, SyncCall, SyncCallEvent, Watchdog, WatchdogOptions,
} from "./watchdog/index.js";
