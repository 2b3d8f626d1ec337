// The instrumentation: connects the channels of executors and watchdogs with spans and measures while it is enabled.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "@opentelemetry/api";
import { InstrumentationBase } from "@opentelemetry/instrumentation";
import { type Stall, stallChannels, type StallEndEvent } from "@offloop/watchdog";
import { type CallEvent, type CallRequeuedEvent, type CallSentEvent, type CallSettledEvent, channels } from "@offloop/workers";
import { type CallSpanHooks, CallSpans } from "./call-spans.js";
import { setTraceContextOfCalls } from "@offloop/workers/executor";
import { Subscriptions } from "@offloop/workers/observe";
import { checkConfig, type OffloopInstrumentationConfig } from "./config.js";
import { Measures } from "./measures.js";
import { recordStall } from "./stall-spans.js";
import { ownVersion, PACKAGE } from "./version.js";

/** The context of the span of the call that is being submitted. */
const spanContexts = new AsyncLocalStorage<Context | undefined>();

/**
 * The OpenTelemetry instrumentation of offloop, for the thread that makes it: spans for the calls of its executors and for the stalls that its watchdogs report,
 * and metrics of both. The span of a call is a child of the active span. Its context travels to the worker, where the spans of an SDK that the pool's `setup` module has started become its children.
 *
 * It patches nothing. While it is enabled, it listens to diagnostics channels. `disable()` ends the listening, and the spans of calls that have not settled. It does not keep the process alive, and starts no watchdog.
 *
 * @throws InvalidOptionError (constructor, `setConfig`) a property of the configuration is unknown, or has a value that it does not take
 * @example
 * ```ts
 * import { OffloopInstrumentation } from "@offloop/opentelemetry";
 * import { registerInstrumentations } from "@opentelemetry/instrumentation";
 * registerInstrumentations({ instrumentations: [new OffloopInstrumentation()] });
 * ```
 */
export class OffloopInstrumentation extends InstrumentationBase<OffloopInstrumentationConfig> {
  // The constructor of the base class calls methods of this class, before fields of this class would be set. So its fields are only declared, and its methods have no `#`.
  declare private _measures: Measures;
  /** What lives while the instrumentation is enabled. */
  declare private _live: { readonly spans: CallSpans; subscriptions: Subscriptions } | undefined;

  constructor(config: OffloopInstrumentationConfig = {}) {
    super(PACKAGE, ownVersion(), config);
  }

  override setConfig(config: OffloopInstrumentationConfig = {}): void {
    super.setConfig({ callSpans: true, stallSpans: true, metrics: true, requireParentSpan: false, ...checkConfig(config) });
    this._renew();
  }

  /** Subscribes to the events of executors and watchdogs. The constructor calls it, unless `enabled` is `false`. A second call does nothing. */
  override enable(): void {
    super.enable();
    if (this._live !== undefined) return;
    this._live = { spans: new CallSpans(this._callSpanHooks()), subscriptions: this._subscribe() };
  }

  /** Ends its subscriptions to events. Spans that are open are ended, and later calls make none. A second call does nothing. */
  override disable(): void {
    super.disable();
    this._live?.subscriptions.end();
    this._live?.spans.end();
    this._live = undefined;
  }

  /** Nothing is patched. */
  protected override init(): void {}

  protected override _updateMetricInstruments(): void {
    this._measures = new Measures(this.meter);
    this._renew();
  }

  /** Listens by the new configuration and with the new instruments. The spans of calls stay open. */
  private _renew(): void {
    if (this._live === undefined) return;
    this._live.subscriptions.end();
    this._live.subscriptions = this._subscribe();
  }

  private _subscribe(): Subscriptions {
    const subscriptions = new Subscriptions();
    const { callSpans, stallSpans, metrics } = this.getConfig();
    if (callSpans || metrics) {
      subscriptions.bind(channels.callSubmitted, spanContexts, (call) => this._submitted(call));
      setTraceContextOfCalls(spanContexts);
      subscriptions.addUndo(() => setTraceContextOfCalls(undefined));
      subscriptions.add(channels.callSent, (call) => this._sent(call));
      subscriptions.add(channels.callRequeued, (call) => this._requeued(call));
      subscriptions.add(channels.callSettled, (call) => this._settled(call));
    }
    if (stallSpans || metrics) subscriptions.add<StallEndEvent>({ name: stallChannels.end }, ({ stall }) => this._stalled(stall));
    if (metrics) {
      const measures = this._measures;
      subscriptions.add(channels.workerExited, (exit) => measures.exited(exit));
      subscriptions.addUndo(measures.observe());
    }
    return subscriptions;
  }

  /** @returns the context of the call's span, if it has one */
  private _submitted(call: CallEvent): Context | undefined {
    return this.getConfig().callSpans ? this._live!.spans.submitted(this.tracer, call) : undefined;
  }

  private _sent(call: CallSentEvent): void {
    this._live!.spans.sent(call);
  }

  private _requeued(call: CallRequeuedEvent): void {
    this._live!.spans.requeued(call);
    if (this.getConfig().metrics) this._measures.requeued(call);
  }

  private _settled(call: CallSettledEvent): void {
    this._live!.spans.settled(call);
    if (this.getConfig().metrics) this._measures.settled(call);
  }

  private _stalled(stall: Stall): void {
    const { stallSpans, metrics, ignoreStall, stallHook } = this.getConfig();
    if (metrics) this._measures.stalled(stall);
    if (stallSpans && !this._guarded("ignoreStall", false, () => ignoreStall?.(stall) === true)) {
      recordStall(this.tracer, stall, (span) => this._guarded("stallHook", undefined, () => stallHook?.(span, stall)));
    }
  }

  private _callSpanHooks(): CallSpanHooks {
    return {
      wanted: (call, hasParent) => (hasParent || !this.getConfig().requireParentSpan) && !this._guarded("ignoreCall", false, () => this.getConfig().ignoreCall?.(call) === true),
      started: (span, call) => this._guarded("requestHook", undefined, () => this.getConfig().requestHook?.(span, call)),
      ending: (span, call) => this._guarded("responseHook", undefined, () => this.getConfig().responseHook?.(span, call)),
    };
  }

  /** Calls a function of the user, whose errors must not reach the program. */
  private _guarded<T>(hook: string, otherwise: T, run: () => T): T {
    try {
      return run();
    } catch (error) {
      this._diag.error(`${hook} threw`, error);
      return otherwise;
    }
  }
}
