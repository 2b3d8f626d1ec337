// The books of a pool's calls: the number of pending calls, and how the others ended. Each call enters the books
// once and leaves them once. Its future settles when it leaves. The process stays alive while a call is in the books.
import { runAs } from "../executor/caller-context.js";
import { isCancellation } from "../executor/errors.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { announce } from "../executor/announce.js";
import { nextCallId } from "../executor/call-id.js";
import { type CallEvent, type CallTimes, channels } from "../executor/channels.js";
import { DurationTotals } from "../executor/duration-totals.js";
import { now as realNow } from "../executor/real-time.js";
import { type ChunkValue, type OutcomeKind, PACKED, VALUE, VOID } from "../protocol/messages.js";
import { type Contents, type Parcel, unpack, unpackThrown } from "../protocol/parcel.js";
import type { Call, CallOutcome } from "./call.js";
import { KeepAlive } from "./keep-alive.js";

/** Counts the calls of one pool, and settles their futures. */
export class CallBooks {
  /** The numbers of calls so far, by what became of them, and of workers that crashed. */
  readonly counts = { submitted: 0, fulfilled: 0, rejected: 0, cancelled: 0, crashes: 0 };
  /** Holds the process while a call is pending. */
  readonly keepAlive = new KeepAlive();
  /** How long calls waited for a worker: those that were submitted after `measureWaits()`. */
  readonly wait = new DurationTotals();
  /** How long the calls ran that a worker has answered. */
  readonly run = new DurationTotals();
  #measuresWaits = false;
  readonly #now: () => number;
  readonly #executor: Pick<CallEvent, "executor" | "executorName">;
  readonly #left: (call: Call) => void;
  readonly #drained: (() => void)[] = [];
  /** Calls whose futures are not settled. */
  #pending = 0;

  /**
   * @param left called with each call that leaves, before its phase changes
   * @param now the clock of the calls' times
   */
  constructor(executor: Pick<CallEvent, "executor" | "executorName">, left: (call: Call) => void, now: () => number = realNow) {
    this.#executor = executor;
    this.#now = now;
    this.#left = left;
  }

  /** The number of calls whose futures are not settled. */
  get pending(): number {
    return this.#pending;
  }

  /** Resolves when no call is pending. */
  drained(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
  }

  /** From now on, each call that is submitted is timed: that costs two readings of the clock. */
  measureWaits(): void {
    this.#measuresWaits = true;
  }

  /**
   * Makes the record of a call. Its submission is published first, so that what subscribers put into the context of their code
   * becomes part of the call's context.
   */
  make(name: () => string, make: (id: number) => Call): Call {
    const id = nextCallId();
    return channels.callSubmitted.hasSubscribers ? announce({ callId: id, callName: name(), ...this.#executor }, () => make(id)) : make(id);
  }

  /** Counts a new call, and keeps the process alive until it is settled. */
  enter(call: Call): void {
    if (this.#measuresWaits || channels.callSettled.hasSubscribers || channels.callSent.hasSubscribers || call.options.far !== undefined) call.submittedAt = this.#now();
    this.counts.submitted += 1;
    this.#pending += 1;
    this.keepAlive.hold();
  }

  /** Fulfils the future of a call, unless it is settled. */
  fulfil(call: Call, value: unknown): void {
    if (this.#leave(call, "finish", "fulfilled")) call.fulfil(value);
  }

  /** Rejects the future of a call that no worker has. */
  reject(call: Call, error: unknown): void {
    const outcome = errorOutcome(error);
    if (this.#leave(call, "finish", outcome, error)) call.fail(error, outcome);
  }

  /** Rejects the future of a call that a worker still runs. */
  abandon(call: Call, error: unknown): void {
    const outcome = errorOutcome(error);
    if (this.#leave(call, "abandon", outcome, error)) call.fail(error, outcome);
  }

  /** The worker has answered the call. @param value what the function returned or threw, in the form in which it crossed */
  answered(call: Call, kind: OutcomeKind, value: unknown): void {
    if (call.phase === "abandoned") call.finish();
    else if (kind === VALUE && call.items === undefined) this.fulfil(call, value);
    else if (kind === VOID) this.fulfil(call, undefined);
    else if (kind === VALUE || kind === PACKED) this.#unpack(call, kind, value);
    else if (call.phase === "stopping") this.reject(call, call.stopping);
    else this.reject(call, unpackThrown(value as Contents, call.callerStack, call.global));
  }

  /** Unpacks a value, which may fail, and settles the call. */
  #unpack(call: Call, kind: typeof VALUE | typeof PACKED, sent: unknown): void {
    let value = sent;
    try {
      if (kind === PACKED) value = unpack(sent as Parcel, "the caller", call.name);
      if (call.items !== undefined) value = unpackChunk(value as ChunkValue, call);
    } catch (error) {
      return this.reject(call, call.blame(error as Error));
    }
    this.fulfil(call, value);
  }

  /** The worker gave back a call that had been stopped. The call does not run again. */
  stopped(call: Call): void {
    if (call.phase === "stopping") this.reject(call, call.stopping);
    else call.finish();
  }

  /** The properties that all events of a call have. */
  event(call: Call): CallEvent {
    return { callId: call.id, callName: call.name, ...this.#executor };
  }

  /** How long a call has waited and run until now. */
  timesOf(call: Call): CallTimes {
    const { submittedAt, sentAt, ran } = call;
    if (submittedAt === undefined) return { queuedMs: undefined, runMs: undefined };
    return { queuedMs: Math.max(0, (ran?.begunAt ?? sentAt ?? this.#now()) - submittedAt), runMs: ran?.ms };
  }

  /** @returns the times of a call that is about to be settled; `undefined`: nobody asked for them when it was submitted */
  #take(call: Call): CallTimes | undefined {
    if (call.submittedAt === undefined) return undefined;
    call.ran ??= call.lane?.runOf(call);
    const times = this.timesOf(call);
    if (call.ran !== undefined) this.wait.add(times.queuedMs!);
    call.options.far?.timed?.(times);
    return times;
  }

  /** @returns whether the future was pending, so that the caller settles it */
  #leave(call: Call, transition: "finish" | "abandon", outcome: CallOutcome, error?: unknown): boolean {
    if (call.settled) return false;
    const { context } = call;
    const times = this.#take(call);
    this.#left(call);
    if (transition === "finish") call.finish();
    else call.abandon();
    call.cleanUp(outcome);
    // Written out, because V8 looks up a computed property name anew for each call.
    if (outcome === "fulfilled") this.counts.fulfilled += 1;
    else if (outcome === "rejected") this.counts.rejected += 1;
    else this.counts.cancelled += 1;
    this.#pending -= 1;
    this.keepAlive.release();
    if (channels.callSettled.hasSubscribers) runAs(context, () => channels.callSettled.publish({ ...this.event(call), ...(times ?? this.timesOf(call)), host: call.host, outcome, ...(error === undefined ? {} : { error }) }));
    if (this.#pending === 0) for (const resolve of this.#drained.splice(0)) resolve();
    return true;
  }
}

function errorOutcome(error: unknown): Exclude<CallOutcome, "fulfilled"> {
  return isCancellation(error) ? "cancelled" : "rejected";
}

function unpackChunk({ values, failed, ms }: ChunkValue, call: Call): ChunkResult<unknown> {
  return { values, failed: failed && { error: unpackThrown(failed, call.callerStack, call.global) }, ms };
}
