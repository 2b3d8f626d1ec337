// One call on the main side, from its submission until no worker has anything to do with it.
//
// The rows are the phases, and the columns are the methods that change them. A cell names the next phase and, after
// the slash, what the method tells its caller to do next. "✗" throws, because the caller has a fault.
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
//   stopping   the worker has been told to stop it, and the future waits for the worker (`onCancel: "wait"`)
//   abandoned  the future is settled; the worker still runs the call
//   done       the future is settled, and no worker has the call
//
// Every call enters `done` exactly once. It then gives back the room of its limiter.
import { foreignGlobal } from "../executor/realm.js";
import type { Readable } from "node:stream";
import { nameOfCallee } from "../executor/callee.js";
import { nextCallId } from "../executor/call-id.js";
import { type CallState, type Cancellable, Settler } from "../executor/call-future.js";
import type { ResolvedCallOptions } from "../executor/call-options.js";
import type { WorkerExit } from "../executor/errors.js";
import type { CallTarget } from "../executor/callable.js";
import { callBackAs, captureCaller, type CallerContext } from "../executor/caller-context.js";
import { captureContext, type ContextValues } from "../executor/propagate.js";
import { markedTransfers } from "../executor/transfer.js";
import { writeStack } from "../executor/stack.js";
import type { CallExtras } from "../protocol/messages.js";
import type { Captures } from "../protocol/function-payload.js";
import type { Queued } from "./call-queue.js";
import { type CallerStack, framesOf, recordCaller } from "../executor/caller-stack.js";
import { type CallStream, STREAM_CREDITS } from "./call-stream.js";
import type { FunctionProfile } from "./function-profile.js";
import type { Timer } from "./world.js";

/** The state in which a call has ended. */
export type CallOutcome = Exclude<CallState, "pending">;

/** The phases of the table above. */
export type CallPhase = "locating" | "queued" | "sent" | "stopping" | "abandoned" | "done";

/** Stops calls: the dispatcher. */
export interface CallCanceller {
  /**
   * Stops a call that waits or runs.
   * @param reason becomes the cause of its `CancelledError`
   * @returns whether it was pending
   */
  cancel(call: Call, reason: unknown): boolean;
}

/** The run of a call. */
export interface CallRun {
  /** On the clock of `now()`. */
  readonly begunAt: number;
  /** How long it ran, in milliseconds. */
  readonly ms: number;
}

/** The part of a lane that its calls use. `Lane` implements it, and imports this file. */
export interface CallLane {
  /** The number of its worker. */
  readonly id: number;
  /** Whether main side and worker share the words of the calls. */
  readonly shared: boolean;
  /** The number of milliseconds for which the worker has run the call. */
  ranFor(call: Call): number;
  /** When the worker began the call, and for how long it has run; `undefined`: it has not begun, or that is not known. */
  runOf(call: Call): CallRun | undefined;
  /** Whether this call is the next one of the worker, and has not begun as far as is known. */
  owesStart(call: Call): boolean;
  /** @returns whether the call was taken back: the worker has not begun it, and will not begin it */
  takeBack(call: Call): boolean;
  /** Lets a stream send this many more items. */
  grant(call: Call, credits: number): void;
}

/** Loaded with the first argument that may be a Node stream. */
const streams = (): typeof import("node:stream") => process.getBuiltinModule("node:stream");

function isReadable(value: object): value is Readable {
  try {
    return typeof (value as Readable).pipe === "function" && value instanceof streams().Readable;
  } catch {
    return false; // a getter or a proxy threw: the clone of the arguments reports it
  }
}

/** The arguments of a call that no longer needs them. */
const NO_ARGS: unknown[] = [];

/** The record of one call. Its methods alone change its phase. */
export class Call extends Settler<unknown> implements Queued, Cancellable {
  /** A slot keeps its low bits. */
  readonly id: number;
  /** Empty when the future is settled, so that a caller who keeps the future does not keep the arguments alive. */
  args: unknown[];
  /** The options of the call, each with its default filled in. */
  readonly options: ResolvedCallOptions;
  /** What is known of its function. `undefined` until the function is located. */
  profile: FunctionProfile | undefined;
  /** The lane that the call was sent to. For a pinned call, the only lane that it can be sent to. */
  lane: CallLane | undefined;
  /** Its slot on that lane. */
  slot = -1;
  /** Its number in the order in which its lane sent its calls. */
  sequence = 0;
  /** The forecast of its run time when it was sent, in microseconds. */
  expectedMicros = 0;
  #phase: CallPhase = "locating";
  readonly #callee: CallTarget;
  readonly #canceller: CallCanceller;
  #caller: CallerStack | undefined;
  /** The context that crosses with it. */
  readonly propagated: ContextValues | undefined;
  /** Its callbacks run in it. Dropped when the call is done, so that a future that is kept does not keep it. */
  #context: CallerContext | undefined = captureCaller(this.future);
  #cleanup: ((outcome: CallOutcome) => void)[] | undefined;

  // Most calls have none of these properties. Their defaults are on the prototype, so they take no memory in each call.
  /** The values that the function had captured when the call was made. */
  declare captures: Captures | undefined;
  /** The error with which the future rejects, because the call was told to stop. */
  declare stopping: Error | undefined;
  /** The ends of the workers that ran it. */
  declare crashes: readonly WorkerExit[];
  /** Ends its worker when the grace time is over. */
  declare graceTimer: Timer | undefined;
  /** When it was submitted, if somebody listens to events or has asked for `stats()`. On the clock of `now()`, as the next three. */
  declare submittedAt: number | undefined;
  /** When it was sent to its worker. */
  declare sentAt: number | undefined;
  /** When its worker began it, and for how long it has run: known when it is answered, or its worker ends. */
  declare ran: CallRun | undefined;
  /** The name of the host that has it. */
  declare host: string | undefined;
  /** The time at which the worker reported that it began the call. For calls with a run deadline on workers without shared memory. */
  declare begunAt: number | undefined;
  /** Receives the items, if the call runs a generator. */
  declare stream: CallStream<unknown> | undefined;
  /** The number of its items, if the call is a chunk of `map`. */
  declare items: number | undefined;
  /** Whether the call holds room of its limiter. */
  declare limited: boolean;
  /** The objects that move with its arguments. */
  declare transfer: readonly unknown[] | undefined;
  /** The indexes of the arguments that were Node streams. */
  declare streams: number[] | undefined;
  /** Those streams, which are closed if nobody will read them further. */
  declare sources: Readable[] | undefined;
  /** Whether only one worker can run the call: `broadcast` addressed it, or the arguments have moved there. */
  declare pinned: boolean;

  static {
    const absent = { captures: undefined, stopping: undefined, crashes: [], graceTimer: undefined, submittedAt: undefined, sentAt: undefined, ran: undefined, host: undefined, begunAt: undefined, stream: undefined, items: undefined, limited: false, transfer: undefined, streams: undefined, sources: undefined, pinned: false };
    Object.assign(this.prototype, absent satisfies Partial<Call>);
  }

  /**
   * @param above the function whose callers are the recorded stack
   * @param id the number under which its submission was published
   */
  constructor(callee: CallTarget, args: unknown[], options: ResolvedCallOptions, canceller: CallCanceller, above: (...args: never[]) => unknown, id = nextCallId()) {
    super();
    this.id = id;
    this.#callee = callee;
    this.args = args;
    this.options = options;
    this.#canceller = canceller;
    this.propagated = options.far === undefined ? captureContext(options.context) : options.far.context;
    for (let index = 0; index < args.length; index += 1) {
      const arg = args[index];
      if (typeof arg !== "object" || arg === null) continue;
      const marked = isReadable(arg) ? this.#bridge(arg, index) : markedTransfers(arg);
      if (marked !== undefined) this.transfer = [...(this.transfer ?? options.transfer ?? []), ...marked];
    }
    if (options.transfer !== undefined) this.transfer ??= options.transfer;
    this.#caller = recordCaller(above);
  }

  /** The step of its life that the call has reached. */
  get phase(): CallPhase {
    return this.#phase;
  }

  /** Whether the future is settled. */
  get settled(): boolean {
    return this.#phase === "done" || this.#phase === "abandoned";
  }

  /** The function is located, and the limiter has given room. @returns `wait`: put it into the queue; `nothing`: it was settled meanwhile */
  queue(profile: FunctionProfile): "wait" | "nothing" {
    if (this.#phase === "done") return "nothing";
    if (this.#phase !== "locating") throw this.#illegal("queue");
    this.#phase = "queued";
    this.profile = profile;
    profile.began(this.#caller);
    return "wait";
  }

  /** The call leaves the queue for a worker. */
  send(): void {
    if (this.#phase !== "queued") throw this.#illegal("send");
    this.#phase = "sent";
  }

  /** The worker has given the call back without an answer. @returns `queue`: it runs again; `finish`: it does not */
  requeue(): "queue" | "finish" {
    switch (this.#phase) {
      case "sent":
        this.#phase = "queued";
        this.lane = undefined;
        if (this.begunAt !== undefined) this.begunAt = undefined;
        if (this.submittedAt !== undefined) this.sentAt = this.ran = this.host = undefined;
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
   * Stops the call with this error. @returns `settle`: no worker has it, so the caller rejects the future now;
   * `tell`: the caller tells the worker; `nothing`: the call was stopped before, or has ended
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

  /** The future settles while the worker still runs the call. */
  abandon(): "settle" {
    if (this.#phase !== "sent" && this.#phase !== "stopping") throw this.#illegal("abandon");
    this.#phase = "abandoned";
    this.#forgetArguments();
    return "settle";
  }

  /** No worker has the call any more. @returns `settle`: the future is still pending */
  finish(): "settle" | "nothing" {
    const phase = this.#phase;
    if (phase === "done") return "nothing";
    this.#phase = "done";
    this.#forgetArguments();
    this.graceTimer?.stop();
    if (this.limited) {
      this.limited = false;
      callBackAs(this.#context, () => this.options.limiter?.release());
    }
    this.#context = undefined;
    this.#caller = undefined;
    this.profile?.ended();
    return phase === "abandoned" ? "nothing" : "settle";
  }

  #forgetArguments(): void {
    this.args = NO_ARGS;
    if (this.captures !== undefined) this.captures = undefined;
    if (this.transfer !== undefined) this.transfer = undefined;
  }

  #illegal(method: string): Error {
    return new Error(`${method}() was called for a call that is ${this.#phase}. This is a fault of offloop: please report it.`);
  }

  /** The context of its caller; `undefined` once the call is done. */
  get context(): CallerContext | undefined {
    return this.#context;
  }

  /** Its name in errors and events. */
  get name(): string {
    return this.options.name ?? nameOfCallee(this.#callee);
  }

  /** Requests the end of the call. @returns whether there was something to cancel */
  cancel(reason: unknown): boolean {
    return this.#canceller.cancel(this, reason);
  }

  /** Adds a function that is called when the future settles. It stops a timer, or removes a listener. */
  onSettled(undo: (outcome: CallOutcome) => void): void {
    (this.#cleanup ??= []).push(undo);
  }

  /** The future is being settled: calls the functions that `onSettled` was given. */
  cleanUp(outcome: CallOutcome): void {
    if (this.#cleanup === undefined) return;
    for (const undo of this.#cleanup) undo(outcome);
    this.#cleanup = undefined;
  }

  /** Turns a Node stream into a web stream. The worker turns it back. */
  #bridge(stream: Readable, index: number): object[] {
    const web = streams().Readable.toWeb(stream);
    this.args[index] = web;
    (this.streams ??= []).push(index);
    if (this.sources === undefined) this.onSettled((outcome) => outcome !== "fulfilled" && this.#closeSources());
    (this.sources ??= []).push(stream);
    return [web];
  }

  /** A function that fails, or never begins, reads its streams no further. */
  #closeSources(): void {
    for (const stream of this.sources!) stream.destroy();
  }

  /** As the option: higher values leave the queue first. */
  get priority(): number {
    return this.options.priority;
  }

  get waiting(): boolean {
    return this.#phase === "queued";
  }

  /** Whether the call needs an envelope of its own. With a neighbour's failure its transferred objects would be lost, or it ended a worker before. */
  get alone(): boolean {
    return this.transfer !== undefined || this.stream !== undefined || this.crashes.length > 0;
  }

  /** The expected run time, in microseconds, at least 1; 0 before the function has been measured. */
  get forecastMicros(): number {
    return this.items === undefined ? this.profile!.expectedMicros : this.profile!.chunkMicros(this.items);
  }

  /** A forecast that one long call does not raise for long. For decisions that can be taken back. */
  get likelyMicros(): number {
    return Math.min(this.forecastMicros, this.profile!.lastMicros * (this.items ?? 1)) || Infinity;
  }

  /** Adds its measured run time to the forecast of its function. */
  forecast(ms: number): void {
    this.profile?.ran(ms / (this.items || 1));
  }

  /** The data that the worker needs beside function and arguments. */
  get extras(): CallExtras | undefined {
    const { name, onProgress } = this.options;
    const context = this.propagated;
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
      ...(stream === undefined ? {} : { credits: this.options.far?.streamWindow ?? STREAM_CREDITS }),
    };
  }

  /** Passes what the function told by `progress()` to the option `onProgress`, unless the future is settled. */
  progressed(value: unknown): void {
    const { onProgress } = this.options;
    if (!this.settled && onProgress !== undefined) callBackAs(this.#context, onProgress, value as never);
  }

  /** The global object of the function's context, if it is another one: the error that it threw gets the classes there. */
  get global(): object | undefined {
    return foreignGlobal(this.#callee);
  }

  /** The caller's stack, without the title line. In a burst of calls it may be the stack of another call, which it then says. */
  get callerStack(): string | undefined {
    if (this.#caller !== undefined) return framesOf(this.#caller);
    const frames = this.profile?.caller && framesOf(this.profile.caller);
    return frames && `    (no stack was recorded in this burst of calls; another call of ${this.name} came from)\n${frames}`;
  }

  /** Replaces the stack of an error that the dispatcher made by the stack of the caller. */
  blame<E extends Error>(error: E): E {
    const { callerStack } = this;
    writeStack(error, `${error.name}: ${error.message}${callerStack === undefined ? "" : `\n${callerStack}`}`);
    return error;
  }
}
