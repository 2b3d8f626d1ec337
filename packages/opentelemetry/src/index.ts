/// <reference types="node" preserve="true" />
// The face of @offloop/opentelemetry.
export type { OffloopInstrumentationConfig } from "./config.js";
export { OffloopInstrumentation } from "./instrumentation.js";
export type { CallEvent, CallSettledEvent } from "@offloop/workers";
export type { HotFrame, Place, ProfileEntry, StackFrame, Stall, StallKind } from "@offloop/watchdog";
