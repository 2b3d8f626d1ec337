// The configuration of the instrumentation: its type, and the table by which it is checked.
import type { Span } from "@opentelemetry/api";
import type { InstrumentationConfig } from "@opentelemetry/instrumentation";
import type { Stall } from "@offloop/watchdog";
import type { CallEvent, CallSettledEvent } from "@offloop/workers";
import { callback, checkOptions, flag, type OptionTable } from "@offloop/workers/executor";

/** The configuration of `OffloopInstrumentation`. All properties are optional. A hook that throws is logged by `diag`, and changes nothing. */
export interface OffloopInstrumentationConfig extends InstrumentationConfig {
  /**
   * Whether each call has a span.
   * @default true
   */
  callSpans?: boolean | undefined;
  /**
   * Whether each stall has a span.
   * @default true
   */
  stallSpans?: boolean | undefined;
  /**
   * Whether pools, calls and stalls are measured.
   * @default true
   */
  metrics?: boolean | undefined;
  /**
   * Whether only those calls have a span that are made inside another span.
   * @default false
   */
  requireParentSpan?: boolean | undefined;
  /** Returns `true` for a call without span. The call is still measured. Called once a call, when it is submitted, in the context of its caller. */
  ignoreCall?: ((call: CallEvent) => boolean) | undefined;
  /** Returns `true` for a stall without span. The stall is still measured. */
  ignoreStall?: ((stall: Stall) => boolean) | undefined;
  /** Called with the span of a call that was submitted, to add attributes. */
  requestHook?: ((span: Span, call: CallEvent) => void) | undefined;
  /** Called with the span of a call that has settled, before the span ends. */
  responseHook?: ((span: Span, call: CallSettledEvent) => void) | undefined;
  /** Called with the span of a stall, before the span ends. */
  stallHook?: ((span: Span, stall: Stall) => void) | undefined;
}

const table: OptionTable<OffloopInstrumentationConfig> = {
  enabled: flag,
  callSpans: flag,
  stallSpans: flag,
  metrics: flag,
  requireParentSpan: flag,
  ignoreCall: callback,
  ignoreStall: callback,
  requestHook: callback,
  responseHook: callback,
  stallHook: callback,
};

/** @throws InvalidOptionError a property is unknown, or has a value that it does not take */
export function checkConfig(given: OffloopInstrumentationConfig): Partial<OffloopInstrumentationConfig> {
  return checkOptions("new OffloopInstrumentation()", given, table);
}
