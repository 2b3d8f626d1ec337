// One call on the main side, from its submission until no worker has anything to do with it.
//
// The rows are the phases, the columns the methods that change them. A cell names the phase that follows
// and, after the slash, what the method tells its caller to do next. "✗" throws: that caller has a fault.
//
//   phase      | queue         | send | requeue        | stop            | abandon            | finish
//   locating   | queued / wait | ✗    | ✗              | – / settle      | ✗                  | done / settle
//   queued     | ✗             | sent | ✗              | – / settle      | ✗                  | done / settle
//   sent       | ✗             | ✗    | queued / queue | stopping / tell | abandoned / settle | done / settle
//   stopping   | ✗             | ✗    | – / finish     | – / nothing     | abandoned / settle | done / settle
//   abandoned  | ✗             | ✗    | – / finish     | – / nothing     | ✗                  | done / nothing
//   done       | – / nothing   | ✗    | ✗              | – / nothing     | ✗                  | – / nothing
//
//   locating   the function is being located, or the limiter has no room yet
//   queued     waits for a worker
//   sent       a worker has it, and may have begun it
//   stopping   its worker has been told to stop it; the future waits for the worker (`onCancel: "wait"`)
//   abandoned  the future is settled; the worker still runs the call
//   done       the future is settled, and no worker has the call
//
// Every call enters `done` exactly once. That is where it gives back the room of its limiter.
import type { Readable } from "node:stream";
import { nameOfCallee } from "../executor/callee.js";
import { type Cancellable, Settler } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { WorkerExit } from "../executor/errors.js";
import type { CallTarget } from "../executor/callable.js";
import { captureContext, type ContextValues } from "../executor/propagate.js";
import { markedTransfers } from "../executor/transfer.js";
import { writeStack } from "../executor/stack.js";
import { callBack } from "../executor/user-callback.js";
import type { CallExtras } from "../protocol/messages.js";
import type { Captures } from "../protocol/function-payload.js";
import type { Queued } from "./call-queue.js";
import { type CallerStack, framesOf, recordCaller } from "./caller-stack.js";
import { type CallStream, STREAM_CREDITS } from "./call-stream.js";
import type { FunctionProfile } from "./function-profile.js";
import type { Timer } from "./world.js";

export type CallPhase = "locating" | "queued" | "sent" | "stopping" | "abandoned" | "done";

/** Stops calls: the dispatcher. */
export interface CallCanceller {
  cancel(call: Call, reason: unknown): boolean;
}

/** What a call needs of the lane that has it. `Lane` is the one implementation; it imports this file, not the reverse. */
export interface CallLane {
  readonly id: number;
  /** Whether main side and worker share the words of the calls. */
  readonly shared: boolean;
  /** For how many milliseconds its worker has run the call. */
  ranFor(call: Call): number;
  /** @returns whether its worker had not begun the call, and will not begin it */
  takeBack(call: Call): boolean;
  /** Lets a stream send this many more items. */
  grant(call: Call, credits: number): void;
}

/** Loaded by the first argument that may be a Node stream. */
const streams = (): typeof import("node:stream") => process.getBuiltinModule("node:stream");

function isReadable(value: object): value is Readable {
  try {
    return typeof (value as Readable).pipe === "function" && value instanceof streams().Readable;
  } catch {
    return false; // a getter or a proxy that throws: the clone of the arguments tells
  }
}

/** Does not wrap: a program makes fewer than 2^53 calls. A slot keeps the low bits of the id. */
let lastId = 0;

/** The arguments of a call that needs them no longer. */
const NO_ARGS: unknown[] = [];

/** The record of one call. Its methods alone change its phase. */
export class Call extends Settler<unknown> implements Queued, Cancellable {
  readonly id = ++lastId;
  /** Empty once the future is settled: a caller that keeps the future does not keep the arguments. */
  args: unknown[];
  readonly options: ResolvedCallOptions;
  profile: FunctionProfile | undefined;
  /** The lane that it was sent to; of a pinned call, the only lane that it can be sent to. */
  lane: CallLane | undefined;
  /** Its slot on that lane. */
  slot = -1;
  /** Its place in the order in which its lane has sent. */
  sequence = 0;
  /** Expected microseconds, as they were when it was sent. */
  expectedMicros = 0;
  #phase: CallPhase = "locating";
  readonly #callee: CallTarget;
  readonly #canceller: CallCanceller;
  readonly #caller: CallerStack | undefined;
  readonly #context: ContextValues | undefined;
  #cleanup: (() => void)[] | undefined;

  // Most calls have none of these: they are read from the prototype, and take no memory in each call.
  /** What its function captured at the moment of the call. */
  declare captures: Captures | undefined;
  /** The error that the future gets because the call was told to stop. */
  declare stopping: Error | undefined;
  /** How the workers ended that ran it. */
  declare crashes: readonly WorkerExit[];
  /** Ends its worker when its grace time is over. */
  declare graceTimer: Timer | undefined;
  /** When its worker said that it begins, for a call with a run deadline on a worker without shared memory. */
  declare begunAt: number | undefined;
  /** Takes the items, if it runs a generator. */
  declare stream: CallStream<unknown> | undefined;
  /** How many items it has, if it is a chunk. */
  declare items: number | undefined;
  /** Whether it holds room of its limiter. */
  declare limited: boolean;
  /** What moves with its arguments. */
  declare transfer: readonly unknown[] | undefined;
  /** Which arguments were Node streams. */
  declare streams: number[] | undefined;
  /** Whether it can run on one worker only: a broadcast, or a call whose arguments have moved there. */
  declare pinned: boolean;

  static {
    const absent = { captures: undefined, stopping: undefined, crashes: [], graceTimer: undefined, begunAt: undefined, stream: undefined, items: undefined, limited: false, transfer: undefined, streams: undefined, pinned: false };
    Object.assign(this.prototype, absent satisfies Partial<Call>);
  }

  /** @param above the frames above this function are the caller's */
  constructor(callee: CallTarget, args: unknown[], options: ResolvedCallOptions, canceller: CallCanceller, above: (...args: never[]) => unknown) {
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

  get phase(): CallPhase {
    return this.#phase;
  }

  /** Whether the future is settled. */
  get settled(): boolean {
    return this.#phase === "done" || this.#phase === "abandoned";
  }

  /** The function is located, and the limiter has given room. @returns `nothing`: the call was settled meanwhile */
  queue(profile: FunctionProfile): "wait" | "nothing" {
    if (this.#phase === "done") return "nothing";
    if (this.#phase !== "locating") throw this.#illegal("queue");
    this.#phase = "queued";
    this.profile = profile;
    if (this.#caller !== undefined) profile.caller = this.#caller;
    return "wait";
  }

  /** It leaves the queue for a worker. */
  send(): void {
    if (this.#phase !== "queued") throw this.#illegal("send");
    this.#phase = "sent";
  }

  /** Its worker has given it back without an answer. @returns `finish`: it is not to run again */
  requeue(): "queue" | "finish" {
    switch (this.#phase) {
      case "sent":
        this.#phase = "queued";
        this.lane = undefined;
        if (this.begunAt !== undefined) this.begunAt = undefined;
        return "queue";
      case "stopping":
      case "abandoned":
        return "finish";
      case "locating":
      case "queued":
      case "done":
        throw this.#illegal("requeue");
      default:
        return this.#phase satisfies never;
    }
  }

  /**
   * It is to end with this error. @returns `settle`: no worker has it, so the future can have the error now;
   * `tell`: its worker has to be told; `nothing`: it was stopped before, or has ended
   */
  stop(error: Error): "settle" | "tell" | "nothing" {
    switch (this.#phase) {
      case "locating":
      case "queued":
        return "settle";
      case "sent":
        this.#phase = "stopping";
        this.stopping = error;
        return "tell";
      case "stopping":
      case "abandoned":
      case "done":
        return "nothing";
      default:
        return this.#phase satisfies never;
    }
  }

  /** The future is settled while its worker still runs the call. */
  abandon(): "settle" {
    if (this.#phase !== "sent" && this.#phase !== "stopping") throw this.#illegal("abandon");
    this.#phase = "abandoned";
    this.#forgetArguments();
    return "settle";
  }

  /** No worker has anything to do with it any more. @returns `settle`: the future is still pending */
  finish(): "settle" | "nothing" {
    const phase = this.#phase;
    if (phase === "done") return "nothing";
    this.#phase = "done";
    this.#forgetArguments();
    this.graceTimer?.stop();
    if (this.limited) {
      this.limited = false;
      callBack(() => this.options.limiter?.release());
    }
    return phase === "abandoned" ? "nothing" : "settle";
  }

  #forgetArguments(): void {
    this.args = NO_ARGS;
    if (this.captures !== undefined) this.captures = undefined;
    if (this.transfer !== undefined) this.transfer = undefined;
  }

  #illegal(method: string): Error {
    return new Error(`${method}() of a call that is ${this.#phase}: a fault of the dispatcher`);
  }

  /** Its name in errors and events. */
  get name(): string {
    return this.options.name ?? nameOfCallee(this.#callee);
  }

  /** Asks for the end of the call. @returns whether there was something to cancel */
  cancel(reason: unknown): boolean {
    return this.#canceller.cancel(this, reason);
  }

  /** Has something undone when the future settles: a timer, the listener on a signal. */
  onSettled(undo: () => void): void {
    (this.#cleanup ??= []).push(undo);
  }

  /** The future is being settled: undoes what `onSettled` was given. */
  cleanUp(): void {
    if (this.#cleanup === undefined) return;
    for (const undo of this.#cleanup) undo();
    this.#cleanup = undefined;
  }

  /** Makes a web stream of a Node stream; the worker makes it a Node stream again. */
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
    return this.#phase === "queued";
  }

  /** Whether it needs an envelope of its own: its transfers would be lost with a neighbour's failure, or it ended a worker before. */
  get alone(): boolean {
    return this.transfer !== undefined || this.stream !== undefined || this.crashes.length > 0;
  }

  /** How long it is expected to run, in microseconds, at least 1; 0 before the function has been measured. */
  get forecastMicros(): number {
    return this.items === undefined ? this.profile!.expectedMicros : this.profile!.chunkMicros(this.items);
  }

  /** The same forecast, but one long call does not raise it for long: for decisions that can be taken back. */
  get likelyMicros(): number {
    return Math.min(this.forecastMicros, this.profile!.lastMicros * (this.items ?? 1)) || Infinity;
  }

  /** Adds its measured run time to the forecast of its function. */
  ran(ms: number): void {
    this.profile?.ran(ms / (this.items || 1));
  }

  /** What its worker needs beside function and arguments. */
  get extras(): CallExtras | undefined {
    const { name, onProgress } = this.options;
    const context = this.#context;
    const { captures, items, stream, streams } = this;
    const timed = this.options.runTimeoutMs === Infinity ? undefined : true;
    // Most calls have none of these.
    if ((name ?? onProgress ?? context ?? streams ?? captures ?? items ?? stream ?? timed) === undefined) return undefined;
    return {
      ...(context === undefined ? {} : { context }),
      ...(streams === undefined ? {} : { streams }),
      ...(name === undefined ? {} : { name }),
      ...(onProgress === undefined ? {} : { progress: true }),
      ...(items === undefined ? {} : { chunk: true }),
      ...(captures === undefined ? {} : { captures }),
      ...(timed === undefined ? {} : { timed }),
      ...(stream === undefined ? {} : { credits: STREAM_CREDITS }),
    };
  }

  progressed(value: unknown): void {
    const { onProgress } = this.options;
    if (!this.settled && onProgress !== undefined) callBack(onProgress, value as never);
  }

  /** The caller's stack lines, without the title line. In a burst they may be another call's, and say so. */
  get callerStack(): string | undefined {
    if (this.#caller !== undefined) return framesOf(this.#caller);
    const frames = this.profile?.caller && framesOf(this.profile.caller);
    return frames && `    (not recorded in this burst; another call of ${this.name} came from)\n${frames}`;
  }

  /** Gives an error of ours the stack of the caller, in place of the dispatcher's own. */
  blame<E extends Error>(error: E): E {
    const { callerStack } = this;
    writeStack(error, `${error.name}: ${error.message}${callerStack === undefined ? "" : `\n${callerStack}`}`);
    return error;
  }
}
