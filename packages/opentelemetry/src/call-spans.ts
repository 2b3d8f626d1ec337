// A span for each call, from its submission until its future settles.
//
//   offloop:call:submitted ─▶ start, as a child of the caller's span. The context of the new span travels to the worker.
//   offloop:call:sent      ─▶ the worker's id
//   offloop:call:requeued  ─▶ a span event
//   offloop:call:settled   ─▶ the span events `queued` and `run`, outcome, error, end
import { performance } from "node:perf_hooks";
import { context, type Context, type Span, trace, type Tracer } from "@opentelemetry/api";
import type { CallEvent, CallRequeuedEvent, CallSentEvent, CallSettledEvent } from "@offloop/workers";
import { attribute } from "./attributes.js";
import { recordOutcome } from "./outcome.js";

/** The decisions of the user about the spans of calls. None of them throws. */
export interface CallSpanHooks {
  wanted(call: CallEvent, hasParent: boolean): boolean;
  started(span: Span, call: CallEvent): void;
  ending(span: Span, call: CallSettledEvent): void;
}

/** A span whose call has not settled. `startedAt` is a `performance.now()`. */
interface OpenSpan {
  readonly span: Span;
  readonly startedAt: number;
}

/** The spans of the calls that are pending. */
export class CallSpans {
  readonly #open = new Map<number, OpenSpan>();
  readonly #hooks: CallSpanHooks;

  constructor(hooks: CallSpanHooks) {
    this.#hooks = hooks;
  }

  /** Begins the span of a call. @returns the context of the span; `undefined`: the call has none */
  submitted(tracer: Tracer, call: CallEvent): Context | undefined {
    const parent = context.active();
    if (!this.#hooks.wanted(call, trace.getSpanContext(parent) !== undefined)) return undefined;
    const span = tracer.startSpan(call.callName, { attributes: { [attribute.functionName]: call.callName, [attribute.callId]: call.callId, [attribute.executorKind]: call.executor, [attribute.executorName]: call.executorName } }, parent);
    span.addEvent("queued");
    this.#open.set(call.callId, { span, startedAt: performance.now() });
    this.#hooks.started(span, call);
    return trace.setSpan(parent, span);
  }

  sent({ callId, workerId }: CallSentEvent): void {
    this.#open.get(callId)?.span.setAttribute(attribute.workerId, workerId);
  }

  requeued({ callId, crashes }: CallRequeuedEvent): void {
    this.#open.get(callId)?.span.addEvent("requeued", { [attribute.crashes]: crashes });
  }

  settled(call: CallSettledEvent): void {
    const open = this.#open.get(call.callId);
    if (open === undefined) return; // it was submitted before, or has no span
    const { span, startedAt } = open;
    this.#open.delete(call.callId);
    if (call.runMs !== undefined && call.queuedMs !== undefined) span.addEvent("run", undefined, startedAt + call.queuedMs);
    if (call.host !== undefined) span.setAttribute(attribute.hostName, call.host);
    recordOutcome(span, call);
    this.#hooks.ending(span, call);
    span.end();
  }

  /** Ends the spans that are open, without an outcome. */
  end(): void {
    for (const { span } of this.#open.values()) span.end();
    this.#open.clear();
  }
}
