// The books of a pool's calls: who is pending, how they ended. Every call enters once and leaves once,
// and its future settles as it leaves; while anyone is in, the process stays alive.
import { CancelledError } from "../executor/errors.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { type CallEvent, channels } from "../observe/channels.js";
import { type Envelope, unpackThrown } from "../protocol/error-envelope.js";
import type { ChunkValue } from "../protocol/messages.js";
import type { Call } from "./call.js";
import { KeepAlive } from "./keep-alive.js";

export class CallBooks {
  readonly counts = { submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0, crashes: 0 };
  readonly keepAlive = new KeepAlive();
  readonly #executor: CallEvent["executor"];
  readonly #left: (call: Call) => void;
  readonly #drained: (() => void)[] = [];
  /** Calls whose futures are not settled. */
  #pending = 0;

  /** @param left is told of each call that leaves, before its phase changes */
  constructor(executor: CallEvent["executor"], left: (call: Call) => void) {
    this.#executor = executor;
    this.#left = left;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Resolves when nothing is pending. */
  drained(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
  }

  enter(call: Call): void {
    this.counts.submitted += 1;
    this.#pending += 1;
    this.keepAlive.hold();
    if (channels.callSubmitted.hasSubscribers) channels.callSubmitted.publish(this.event(call));
  }

  fulfil(call: Call, value: unknown): void {
    if (this.#leave(call, "done", "fulfilled")) call.fulfil(value);
  }

  /** @param phase `abandoned` where a worker still runs it */
  reject(call: Call, error: unknown, phase: "done" | "abandoned" = "done"): void {
    const state = error instanceof CancelledError ? "cancelled" : "rejected";
    if (this.#leave(call, phase, state, error)) call.fail(error, state);
  }

  /** Its worker is done with it. @param value what it returned, or threw, as it crossed */
  answered(call: Call, fulfilled: boolean, value: unknown): void {
    call.release();
    if (call.phase === "abandoned") call.phase = "done";
    else if (fulfilled) this.fulfil(call, call.items === undefined ? value : unpackChunk(value as ChunkValue, call));
    else if (call.stopping !== undefined) this.reject(call, call.stopping);
    else this.reject(call, unpackThrown(value as Envelope, call.callerStack));
  }

  event(call: Call): CallEvent {
    return { callId: call.id, callName: call.name, executor: this.#executor };
  }

  #leave(call: Call, phase: "done" | "abandoned", outcome: "fulfilled" | "rejected" | "cancelled", error?: unknown): boolean {
    if (call.settled) return false;
    this.#left(call);
    if (call.phase !== "sent") call.release();
    call.phase = phase;
    call.cleanUp();
    // Each by its own name: V8 looks a computed one up anew for each call.
    if (outcome === "fulfilled") this.counts.fulfilled += 1;
    else if (outcome === "rejected") this.counts.rejected += 1;
    else this.counts.cancelled += 1;
    this.#pending -= 1;
    this.keepAlive.release();
    if (channels.callSettled.hasSubscribers) channels.callSettled.publish({ ...this.event(call), outcome, ...(error === undefined ? {} : { error }) });
    if (this.#pending === 0) for (const resolve of this.#drained.splice(0)) resolve();
    return true;
  }
}

function unpackChunk({ values, failed, ms }: ChunkValue, call: Call): ChunkResult<unknown> {
  return { values, failed: failed && { error: unpackThrown(failed, call.callerStack) }, ms };
}
