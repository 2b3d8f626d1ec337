export { allowBlocking } from "./allow-blocking.js";
export { stallChannels, type ListeningEvent, type StallBeginEvent, type StallEndEvent, type SyncCallEvent } from "./channels.js";
export type { Breadcrumbs, ReportFormat, Requests, ServeOptions, WatchdogOptions } from "./options.js";
export { formatStall, formatSyncCall, type FormatOptions } from "./report/console.js";
export { optionsFromEnvironment } from "./environment.js";
export type { HotFrame, Place, ProfileEntry, Stall, StallKind, StackFrame, SyncCall } from "./stall.js";
export { startWatchdog, type Watchdog } from "./start-watchdog.js";
