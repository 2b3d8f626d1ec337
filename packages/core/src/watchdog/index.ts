export { startWatchdog, type Watchdog } from "./start-watchdog.js";
export type { ReportFormat, WatchdogOptions } from "./options.js";
export { stallChannels, type StallBeginEvent, type StallEndEvent } from "./channels.js";
export type { HotFrame, Place, Stall, StallKind, StackFrame } from "./stall.js";
export { formatStall } from "./report/console.js";
