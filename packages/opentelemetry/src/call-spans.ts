// A span for each call, from its submission until its future settles.
//
//   offloop:call:submitted ─▶ start   the caller's span is the parent; the context of the new span travels to the worker
//   offloop:call:sent      ─▶ the worker's id
//   offloop:call:requeued  ─▶ a span event
//   offloop:call:settled   ─▶ the span events `queued` and `run`, outcome, error, end
import { performance } from "node:perf_hooks";
import { context, type Context, type Span, trace, type Tracer } from "@opentelemetry/api";
import type { CallEvent, CallRequeuedEvent, CallSentEvent, CallSettledEvent } from "@offloop/workers";
import { attribute } from "./attributes.js";
import type { CallTimes } from "./call-times.js";
import { recordOutcome } from "./outcome.js";

/** The decisions of the user about the spans of calls. None of them throws. */
export interface CallSpanHooks {
  wanted(call: CallEvent, hasParent: boolean): boolean;
  started(span: Span, call: CallEvent): void;
  ending(span: Span, call: CallSettledEvent): void;
}

export class CallSpans {
  readonly #open = new Map<number, Span>();
  readonly #hooks: CallSpanHooks;

  constructor(hooks: CallSpanHooks) {
    this.#hooks = hooks;
  }

  /** Begins the span of a call. @returns the context of the span; `undefined`: the call has none */
  submitted(tracer: Tracer, call: CallEvent): Context | undefined {
    const parent = context.active();
    if (!this.#hooks.wanted(call, trace.getSpanContext(parent) !== undefined)) return undefined;
    const span = tracer.startSpan(call.callName, { attributes: { [attribute.functionName]: call.callName, [attribute.callId]: call.callId, [attribute.executorKind]: call.executor } }, parent);
    span.addEvent("queued");
    this.#open.set(call.callId, span);
    this.#hooks.started(span, call);
    return trace.setSpan(parent, span);
  }

  sent({ callId, workerId }: CallSentEvent): void {
    this.#open.get(callId)?.setAttribute(attribute.workerId, workerId);
  }

  requeued({ callId, crashes }: CallRequeuedEvent): void {
    this.#open.get(callId)?.addEvent("requeued", { [attribute.crashes]: crashes });
  }

  settled(call: CallSettledEvent, { runMs }: CallTimes): void {
    const span = this.#open.get(call.callId);
    if (span === undefined) return;
    this.#open.delete(call.callId);
    if (runMs !== undefined) span.addEvent("run", undefined, performance.now() - runMs);
    recordOutcome(span, call);
    this.#hooks.ending(span, call);
    span.end();
  }

  /** Ends the spans that are open, without an outcome. */
  end(): void {
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
  }
}
