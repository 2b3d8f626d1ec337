// The face of @offloop/watchdog.
export { allowBlocking } from "./allow-blocking.js";
export { stallChannels } from "./channels.js";
export type { ListeningEvent, StallBeginEvent, StallEndEvent, SyncCallEvent } from "./channels.js";
export { optionsFromEnvironment } from "./environment.js";
export { WatchdogError, WatchdogOptionError } from "./errors.js";
export { LoopHeldError } from "./guard.js";
export type { Breadcrumbs, ReportFormat, Requests, ServeOptions, WatchdogOptions } from "./options.js";
export { formatStall, formatSyncCall } from "./report/console.js";
export type { FormatOptions } from "./report/console.js";
export type { HotFrame, Place, ProfileEntry, Stall, StallKind, StackFrame, SyncCall } from "./stall.js";
export { startWatchdog } from "./start-watchdog.js";
export type { Watchdog } from "./start-watchdog.js";
