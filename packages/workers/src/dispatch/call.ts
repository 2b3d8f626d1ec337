// One call on the main side, from submission until its future is settled and its worker is done.
//
//   state      | left by                                  | to
//   locating   | the function has been located            | queued
//   queued     | an envelope takes it to a lane           | sent
//   sent       | taken back, or its worker ended unstarted| queued
//   sent       | the worker has answered, or has ended    | done
//   any        | cancelled, timed out, refused            | done; where its worker still runs it, abandoned
//   abandoned  | the worker has answered, or has ended    | done
//
// The future is settled when the call is done or abandoned; the slot is free when it is done.
import type { Readable } from "node:stream";
import { nameOfCallee } from "../executor/callee.js";
import { type Cancellable, Settler } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { WorkerExit } from "../executor/errors.js";
import type { Callable } from "../executor/executor.js";
import { captureContext, type ContextValues } from "../executor/propagate.js";
import { markedTransfers } from "../executor/transfer.js";
import { callBack } from "../executor/user-callback.js";
import type { CallExtras } from "../protocol/messages.js";
import type { Captures } from "../protocol/function-payload.js";
import type { Queued } from "./call-queue.js";
import { type CallerStack, framesOf, recordCaller } from "./caller-stack.js";
import { type CallStream, STREAM_CREDITS } from "./call-stream.js";
import type { FunctionEntry } from "./function-entry.js";
import type { Lane } from "./lane.js";

export type CallPhase = "locating" | "queued" | "sent" | "abandoned" | "done";

/** Who can stop calls. */
export interface CallCanceller {
  cancel(call: Call, reason: unknown): boolean;
}

/** Loaded by the first argument that may be one. */
const streams = (): typeof import("node:stream") => process.getBuiltinModule("node:stream");

function isReadable(value: object): value is Readable {
  return typeof (value as Readable).pipe === "function" && value instanceof streams().Readable;
}

/** Not wrapped: 2^53 calls are not made. The slots keep its low bits. */
let lastId = 0;

/** The record of one call. Moved through its states by the dispatcher alone. */
export class Call extends Settler<unknown> implements Queued, Cancellable {
  readonly id = ++lastId;
  readonly args: unknown[];
  readonly options: ResolvedCallOptions;
  phase: CallPhase = "locating";
  entry: FunctionEntry | undefined;
  lane: Lane | undefined;
  slot = -1;
  /** Where it stands in the order in which its lane has sent. */
  sequence = 0;
  /** Expected microseconds, as they were when it was sent. */
  expectedMicros = 0;
  readonly #callee: Callable<never[], unknown>;
  readonly #canceller: CallCanceller;
  readonly #caller: CallerStack | undefined;
  readonly #context: ContextValues | undefined;
  #cleanup: (() => void)[] | undefined;

  // What most calls never have is read from the prototype, and takes no memory in each of them.
  /** What its function captured at the moment of the call. */
  declare captures: Captures | undefined;
  /** The error with which it was told to stop, once it was. */
  declare stopping: Error | undefined;
  /** How the workers ended that ran it. */
  declare crashes: readonly WorkerExit[];
  /** Ends its worker when its grace time is over. */
  declare graceTimer: NodeJS.Timeout | undefined;
  /** Where the items go, if it runs a generator. */
  declare stream: CallStream<unknown> | undefined;
  /** How many items it has, if it is a chunk. */
  declare items: number | undefined;
  /** Whether it holds room of its limiter. */
  declare limited: boolean;
  /** What moves with its arguments. */
  declare transfer: readonly unknown[] | undefined;
  /** Which arguments were Node streams. */
  declare streams: number[] | undefined;
  /** It belongs to one worker and to no other. */
  declare pinned: boolean;

  static {
    const absent = { captures: undefined, stopping: undefined, crashes: [], graceTimer: undefined, stream: undefined, items: undefined, limited: false, transfer: undefined, streams: undefined, pinned: false };
    Object.assign(this.prototype, absent satisfies Partial<Call>);
  }

  /** @param above the frames above this function are the caller's */
  constructor(callee: Callable<never[], unknown>, args: unknown[], options: ResolvedCallOptions, canceller: CallCanceller, above: (...args: never[]) => unknown) {
    super();
    this.#callee = callee;
    this.args = args;
    this.options = options;
    this.#canceller = canceller;
    this.#context = captureContext(options.context);
    for (let index = 0; index < args.length; index += 1) {
      const arg = args[index];
      if (typeof arg !== "object" || arg === null) continue;
      const marked = isReadable(arg) ? this.#bridge(arg, index) : markedTransfers(arg);
      if (marked !== undefined) this.transfer = [...(this.transfer ?? options.transfer ?? []), ...marked];
    }
    if (options.transfer !== undefined) this.transfer ??= options.transfer;
    this.#caller = recordCaller(above);
  }

  /** What it is called in errors and events. */
  get name(): string {
    return this.options.name ?? nameOfCallee(this.#callee);
  }

  /** Asks for its end. @returns whether there was something to cancel */
  cancel(reason: unknown): boolean {
    return this.#canceller.cancel(this, reason);
  }

  /** Has something undone when it is settled: a timer, the listener on its signal. */
  onSettled(undo: () => void): void {
    (this.#cleanup ??= []).push(undo);
  }

  /** It is being settled: what waited for that is undone. */
  cleanUp(): void {
    if (this.#cleanup === undefined) return;
    for (const undo of this.#cleanup) undo();
    this.#cleanup = undefined;
  }

  /** It is known how its function travels. */
  located(entry: FunctionEntry): void {
    this.entry = entry;
    if (this.#caller !== undefined) entry.caller = this.#caller;
  }

  /** A Node stream crosses as a web stream, and is made one of Node's again on the other side. */
  #bridge(stream: Readable, index: number): object[] {
    const web = streams().Readable.toWeb(stream);
    this.args[index] = web;
    (this.streams ??= []).push(index);
    return [web];
  }

  get priority(): number {
    return this.options.priority;
  }

  get waiting(): boolean {
    return this.phase === "queued";
  }

  /** Whether it goes to its worker alone: what it moves is gone if a neighbour fails, or it ended a worker before. */
  get alone(): boolean {
    return this.transfer !== undefined || this.stream !== undefined || this.crashes.length > 0;
  }

  /** How long it is expected to run, in microseconds, at least 1; 0 where nobody knows. */
  get forecastMicros(): number {
    return this.items === undefined ? this.entry!.expectedMicros : this.entry!.chunkMicros(this.items);
  }

  /** The same where one long call is not held against the function for long: for decisions that can be taken back. */
  get likelyMicros(): number {
    return Math.min(this.forecastMicros, this.entry!.lastMicros * (this.items ?? 1)) || Infinity;
  }

  /** Takes its measured time into account for later calls. */
  ran(ms: number): void {
    this.entry?.ran(ms / (this.items || 1));
  }

  /** What its worker has to know beside function and arguments. */
  get extras(): CallExtras | undefined {
    const { name, onProgress } = this.options;
    const context = this.#context;
    const { captures, items, stream, streams } = this;
    // Most calls have none of them.
    if ((name ?? onProgress ?? context ?? streams ?? captures ?? items ?? stream) === undefined) return undefined;
    return {
      ...(context === undefined ? {} : { context }),
      ...(streams === undefined ? {} : { streams }),
      ...(name === undefined ? {} : { name }),
      ...(onProgress === undefined ? {} : { progress: true }),
      ...(items === undefined ? {} : { chunk: true }),
      ...(captures === undefined ? {} : { captures }),
      ...(stream === undefined ? {} : { credits: STREAM_CREDITS }),
    };
  }

  /** No worker has anything to do with it any more: its grace time ends, its limiter has the room back. */
  release(): void {
    if (this.graceTimer !== undefined) clearTimeout(this.graceTimer);
    if (!this.limited) return;
    this.limited = false;
    callBack(() => this.options.limiter?.release());
  }

  progressed(value: unknown): void {
    const { onProgress } = this.options;
    if (!this.settled && onProgress !== undefined) callBack(onProgress, value as never);
  }

  get settled(): boolean {
    return this.phase === "done" || this.phase === "abandoned";
  }

  /** The caller's stack lines, without the title line; in a burst those of another call of the function, which they say. */
  get callerStack(): string | undefined {
    if (this.#caller !== undefined) return framesOf(this.#caller);
    const frames = this.entry?.caller && framesOf(this.entry.caller);
    return frames && `    (not recorded in this burst; another call of ${this.name} came from)\n${frames}`;
  }

  /** Gives an error of ours the stack of the call: where it was made here says nothing to the caller. */
  blame<E extends Error>(error: E): E {
    const { callerStack } = this;
    error.stack = `${error.name}: ${error.message}${callerStack === undefined ? "" : `\n${callerStack}`}`;
    return error;
  }
}
