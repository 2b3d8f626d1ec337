/// <reference types="node" preserve="true" />
// The face of @offloop/watchdog.
export { allowBlocking } from "./watched/allow-blocking.js";
export { stallChannels } from "./watched/channels.js";
export type { ListeningEvent, StallBeginEvent, StallEndEvent, SyncCallEvent } from "./watched/channels.js";
export { optionsFromEnvironment } from "./watched/environment.js";
export { WatchdogError, WatchdogFailedError, WatchdogOptionError } from "./errors.js";
export { LoopHeldError } from "./guard.js";
export type { Breadcrumbs, ReportFormat, Requests, ServeOptions, StallLogger, WatchdogOptions } from "./protocol/options.js";
export { formatStall, formatSyncCall } from "./report/console.js";
export type { FormatOptions } from "./report/console.js";
export type { LoggedStall, LoggedSyncCall } from "./report/log-entry.js";
export type { HotFrame, Place, ProfileEntry, Stall, StallKind, StackFrame, SyncCall } from "./protocol/stall.js";
export { startWatchdog } from "./watched/start-watchdog.js";
export type { Watchdog } from "./watched/watchdog.js";
