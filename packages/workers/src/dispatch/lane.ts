// A lane: one worker and the calls that it holds. The lane sends envelopes and assigns slots. The dispatcher decides
// which call goes to which lane, and about the calls of a worker that ends. lane-state.ts has the phases of a lane.
import type { Readable } from "node:stream";
import { OffloopError, type WorkerExit, WorkerStartError } from "../executor/errors.js";
import { callBack } from "../executor/user-callback.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { type FromWorker, type FunctionDefinition, type ToWorker, type WorkerLife } from "../protocol/messages.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, packThrown, type Parcel, parcelFor, restoreBuffers, unpack, unpackThrown } from "../protocol/parcel.js";
import type { TravelRules } from "../protocol/travel-rules.js";
import { BackCalls, noCaller } from "./back-calls.js";
import type { Call, CallLane, CallRun } from "./call.js";
import { CallQueue } from "./call-queue.js";
import { startTimeout, STUCK_MS } from "./crash.js";
import { patiently } from "./deadlines.js";
import { diagnoseCall, flatten } from "./flat-calls.js";
import { fromShared, toShared } from "../protocol/slots.js";
import type { FunctionProfile } from "./function-profile.js";
import { type ExitMeaning, type LanePhase, LaneState } from "./lane-state.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import { spareCores } from "./spare-cores.js";
import type { StartedWorker, WorkerLocation, WorkerKind } from "./worker-kind.js";
import type { Timer, World } from "./world.js";

/** Decides about lanes: the dispatcher. */
export interface LaneOwner {
  laneReady(lane: Lane): void;
  laneSettled(lane: Lane, message: FromWorker & { type: "settled" }): void;
  /** A call that the worker had not begun was taken back from it. */
  laneRelieved(lane: Lane): void;
  /** The worker asks to be replaced. */
  laneWorn(lane: Lane): void;
  laneExited(lane: Lane, meaning: ExitMeaning, exit: WorkerExit, cause: unknown): void;
  /** The worker begins to wait for functions that it requested of this thread, or waits for none any more. */
  laneBlocked(lane: Lane): void;
  /** A value that the worker sent for a call cannot be read here. */
  laneUnreadable(call: Call, error: Error): void;
}

/** The number of characters of a worker's stderr in the error about its end: enough for a message and a stack. A guess. */
export const STDERR_KEPT = 4_096;

export class Lane implements CallLane {
  readonly id: number;
  /** The time at which the lane became idle, on the clock of the world. */
  idleSince: number;
  /** The milliseconds for which it was idle, without the present time. */
  idleMs = 0;
  /** The expected run time of the calls that it holds, in microseconds. */
  expectedMicros = 0;
  /** The likely run time of the call that was sent last, in microseconds. */
  likelyMicros = 0;
  /** The time at which the worker last answered, or was sent its first call after being idle. */
  heardAt = 0;
  /** Settles when the worker is ready, or has failed to start. */
  readonly started: Promise<void>;
  #settleStart!: { resolve(): void; reject(error: Error): void };
  readonly startedAt: number;
  /** The time at which the worker became ready; until then the time at which its start began. */
  readyAt: number;
  readonly #world: World;
  /** Calls that only this worker can run, and that wait for a free slot. */
  readonly pinned = new CallQueue<Call>();
  readonly #state = new LaneState();
  readonly #owner: LaneOwner;
  readonly #mostCalls: number;
  readonly #to: Destination;
  readonly #onOutput: ResolvedPoolOptions["onOutput"];
  #failure: unknown;
  /** Ends a worker that does not start. */
  #startTimer: Timer | undefined;
  #ended = false;
  /** The end of the worker's stderr, if it arrives in messages. */
  #stderr = "";
  /** Whether the worker could not read a message, so that its calls are not known. */
  unreadable = false;
  readonly #back: BackCalls;
  /** Whether the worker sends when calls begin. */
  #timed = false;
  /** Whether it runs calls of callers elsewhere. */
  #servesFar = false;
  readonly #worker: StartedWorker;
  readonly #calls: (Call | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #known = new Set<number>();
  /** Node streams that the worker reads. */
  readonly #sources = new Set<Readable>();
  #held = 0;
  #counted = false;
  #foundBlocked = false;
  /** The number of calls that were sent, including those that were taken back. It gives each call its number in the order. */
  #sent = 0;
  #takenBack = 0;

  constructor(id: number, kind: WorkerKind, options: ResolvedPoolOptions, owner: LaneOwner, world: World) {
    this.id = id;
    this.#world = world;
    this.startedAt = this.readyAt = this.idleSince = world.now();
    this.#owner = owner;
    this.#to = kind.name === "thread" ? "thread" : "process";
    this.#back = new BackCalls(this.#to, (message, transfer) => this.phase !== "gone" && this.#worker.send(message, transfer), kind.travel, [options.setup, options.teardown].filter((module) => module !== undefined), () => this.#owner.laneBlocked(this));
    this.started = new Promise((resolve, reject) => (this.#settleStart = { resolve, reject }));
    this.started.catch(() => {}); // only warmUp() awaits it; the dispatcher rejects the waiting calls
    this.#worker = kind.start({
      received: (message) => this.#received(message),
      exited: (exit, cause) => this.#exited(exit, cause),
    });
    const { setupData, recycleAboveHeapBytes, onOutput, startTimeoutMs } = options;
    if (startTimeoutMs !== Infinity) this.#startTimer = patiently(world, startTimeoutMs, () => this.#startedTooLate(startTimeoutMs));
    this.#onOutput = onOutput;
    this.#mostCalls = options.maxTasksPerWorker;
    try {
      this.#open({ workerId: id, ...namedHooks(options, kind.travel), setupData, recycleAboveHeapBytes, captureOutput: onOutput !== undefined });
    } catch (refused) {
      this.#failure = refused instanceof OffloopError ? refused : diagnoseClone(setupData, "setupData", "setup", [], refused);
      this.#worker.kill();
    }
  }

  /** The worker has ended, or is given up. Later reports of its end are ignored. */
  #exited(exit: Omit<WorkerExit, "workerId">, cause: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#startTimer?.stop();
    const reason = this.#failure ?? cause;
    this.#back.cancelAll(`worker ${this.id} has ended`);
    this.#settleStart.reject(new WorkerStartError(`Worker ${this.id} could not be started. Fix the reason, which is the cause of this error; the next call starts another worker.`, { cause: reason ?? exit }));
    this.#count(false);
    for (const stream of this.#sources) stream.destroy();
    this.#owner.laneExited(this, this.#state.exited(), { workerId: this.id, ...exit, stderr: this.#stderr.trimEnd() || exit.stderr }, reason);
  }

  /** Ends a worker that has not become ready in time. One that does not even end is given up. */
  #startedTooLate(ms: number): void {
    if (this.phase !== "starting" && this.phase !== "closing") return;
    this.#failure ??= startTimeout(ms);
    this.#worker.kill();
    this.#startTimer = this.#world.after(STUCK_MS, () => this.#exited({}, undefined));
  }

  /** The number of calls that were sent and not answered. */
  get held(): number {
    return this.#held;
  }

  get idle(): boolean {
    return this.#held === 0;
  }

  get phase(): LanePhase {
    return this.#state.phase;
  }

  /** The milliseconds since its start in which it had a call. */
  get busyForMs(): number {
    return (this.idle ? this.idleSince : this.#world.now()) - this.startedAt - this.idleMs;
  }

  /** Whether the worker has started, and has not been told to end. */
  get awake(): boolean {
    return this.#state.awake;
  }

  /** The number of further calls that the worker can hold. */
  get vacancy(): number {
    return this.#worker.capacity - this.#held;
  }

  /** The number of further calls of the queue that the worker can be sent now. */
  get room(): number {
    return Math.min(this.vacancy, this.#mostCalls - this.served);
  }

  /** The number of calls that were sent and not taken back. */
  get served(): number {
    return this.#sent - this.#takenBack;
  }

  /** Whether main side and worker share memory. Only then can the dispatcher take back a sent call, and see its start. */
  get shared(): boolean {
    return this.#worker.slots !== undefined;
  }

  /** Whether its running call waits for a function that it requested of this thread. */
  get waitsForCaller(): boolean {
    return this.#back.waiting;
  }

  /** Whether its running call was found to wait for something else than a processor; see blocked-watch.ts. */
  get blocked(): boolean {
    return this.#foundBlocked;
  }

  /** Notes whether the running call is blocked, for the call's function too. @returns whether this is new */
  foundBlocked(blocked: boolean): boolean {
    const profile = this.calls()[0]?.profile;
    if (profile !== undefined) profile.blocks = blocked;
    const isNew = blocked !== this.#foundBlocked;
    this.#foundBlocked = blocked;
    return isNew;
  }

  /** See `StartedWorker.location`. */
  get location(): WorkerLocation | undefined {
    return this.#worker.location;
  }

  /** See `StartedWorker.busyMs`. */
  busyMs(): number | undefined {
    return this.#worker.busyMs?.();
  }

  /** The call in a slot. */
  at(slot: number): Call | undefined {
    return this.#calls[slot];
  }

  /** The run time of the call in a slot, in milliseconds; `undefined`: there is no shared memory. */
  ranMs(slot: number): number | undefined {
    return this.#worker.slots?.ranMs(slot);
  }

  /** As `CallLane.runOf`. */
  runOf(call: Call): CallRun | undefined {
    const ms = this.#calls[call.slot] === call ? this.ranFor(call) : 0;
    return ms > 0 ? { begunAt: this.#world.now() - ms, ms } : undefined;
  }

  /** When the call in a slot began. @param reported the time that the worker sent, which counts if it has the clock of this machine */
  begunAt(slot: number, reported: number | undefined): number | undefined {
    const { slots, location } = this.#worker;
    const begun = slots?.startedAt(slot) ?? (location === undefined ? undefined : reported);
    return begun === undefined ? undefined : fromShared(begun);
  }

  /** The calls that the worker holds, oldest first. */
  calls(): Call[] {
    return this.#calls.filter((call) => call !== undefined).sort((a, b) => a.sequence - b.sequence);
  }

  /**
   * Sends calls in one envelope. If the envelope cannot be cloned, sends them one by one.
   * @returns the calls that cannot be cloned, each with the error that names the value
   */
  send(calls: readonly Call[]): [call: Call, error: Error][] {
    if (this.#held === 0) {
      this.heardAt = this.#world.now();
      this.idleMs += this.heardAt - this.idleSince;
    }
    for (const call of calls) this.#put(call);
    if (calls[0]!.options.far !== undefined) this.#servesFar = true;
    this.likelyMicros = calls.at(-1)!.likelyMicros;
    const functions = this.#definitions(calls);
    const besides: Besides = { moved: [], buffers: [], plain: [] };
    try {
      const message: ToWorker = { type: "run", calls: flatten(calls, this.#to, besides) };
      if (functions !== undefined) message.functions = functions;
      if (!this.#timed && !this.shared && calls.some(({ submittedAt }) => submittedAt !== undefined)) message.timed = this.#timed = true;
      this.#post(message, besides);
      if (this.shared && calls[0]!.transfer !== undefined) calls[0]!.pinned = true; // its arguments have moved to this worker
      for (const stream of calls[0]!.sources ?? []) this.#feed(stream);
      for (const each of functions ?? []) this.#known.add(each.id);
      return [];
    } catch (cause) {
      this.#takenBack += calls.length; // the worker has served none of them
      for (const call of calls) this.release(call);
      if (calls.length > 1) return calls.flatMap((call) => this.send([call]));
      const call = calls[0]!;
      return [[call, diagnoseCall(call, cause)]];
    }
  }

  /** The function of a call may keep a stream, and read it after the call. The stream is closed with the worker. */
  #feed(stream: Readable): void {
    this.#sources.add(stream);
    stream.once("close", () => this.#sources.delete(stream));
  }

  /** Frees the slot of a call that was answered or taken back. */
  release(call: Call): void {
    if (this.#calls[call.slot] !== call) return;
    if (call.submittedAt !== undefined) call.ran ??= this.runOf(call);
    this.#calls[call.slot] = undefined;
    this.#worker.slots?.free(call.slot);
    this.#freeSlots.push(call.slot);
    this.#held -= 1;
    this.expectedMicros -= call.expectedMicros;
    if (this.#held > 0) return;
    this.idleSince = this.#world.now();
    this.#foundBlocked = false;
    this.#count(false);
  }

  /** Takes a call back that the worker has not begun. `false`: the worker has begun it, or there is no shared memory. */
  takeBack(call: Call): boolean {
    if (this.#worker.slots?.takeBack(call.slot, call.id) !== true) return false;
    this.#takenBack += 1;
    if (call.submittedAt !== undefined) call.sentAt = undefined;
    this.release(call);
    if (this.#held === 0) this.#state.heard();
    this.#owner.laneRelieved(this);
    return true;
  }

  /** The dispatcher takes calls back because the worker does not answer. The worker gets no calls until it answers. */
  suspect(): void {
    this.#state.suspected();
  }

  /** The worker has served long enough. @returns `leave`: the lane takes no more calls from now on */
  wear(): "leave" | "nothing" {
    return this.#state.wear();
  }

  /** Whether the worker runs other calls before this one. With shared memory such a call is taken back instead. */
  waits(call: Call): boolean {
    return !this.shared && this.#calls.some((each) => each !== undefined && each.sequence < call.sequence);
  }

  /** Whether the worker has certainly not begun a call. Without shared memory this is never certain. */
  unbegun(call: Call): boolean {
    return this.#worker.slots?.state(call.slot) === "queued";
  }

  /** Whether this call is the next one of the worker, and has not begun as far as is known. */
  owesStart(call: Call): boolean {
    const { slots } = this.#worker;
    const begun = slots === undefined ? call.begunAt !== undefined : slots.state(call.slot) !== "queued";
    return !begun && this.phase !== "starting" && !this.#calls.some((each) => each !== undefined && each.sequence < call.sequence);
  }

  /** The milliseconds for which a call has run so far; 0 before it has begun. Without shared memory, the worker reports the start in a message. */
  ranFor(call: Call): number {
    const { slots } = this.#worker;
    const now = this.#world.now();
    if (slots === undefined) return call.begunAt === undefined ? 0 : now - call.begunAt;
    return slots.state(call.slot) === "running" ? toShared(now) - slots.startedAt(call.slot) : 0;
  }

  /** Tells the worker that a call is cancelled: at once in shared memory, and by a message for code that waits asynchronously. */
  requestCancel(call: Call, reason: unknown): void {
    this.#worker.requestCancel(call.slot, call.id);
    this.#back.cancelAll(reason, call.id);
    this.#worker.send({ type: "cancel", slot: call.slot, id: call.id, reason: packThrown(reason, this.#to) });
  }

  /** Lets a stream send more items. */
  grant(call: Call, credits: number): void {
    if (this.#calls[call.slot] === call && this.phase !== "gone") this.#worker.send({ type: "credit", id: call.id, credits });
  }

  /** Receives the answers that have arrived and that the event loop has not delivered yet. */
  poll(): void {
    if (this.#held > 0 && this.awake) this.#worker.poll();
  }

  /** Ends the worker when it has answered its calls; `laneExited` follows. */
  close(): void {
    if (this.#state.close() === "close") this.#worker.close();
  }

  /** Ends the worker at once; `laneExited` follows. */
  kill(): void {
    if (this.#state.kill() === "nothing") return;
    this.#count(false);
    this.#back.cancelAll(`worker ${this.id} was ended`);
    this.#worker.kill();
  }

  #open(life: WorkerLife): void {
    const besides: Besides = { moved: [], buffers: [] };
    const parcel = parcelFor(life.setupData, "setupData", this.#to, besides);
    this.#post({ type: "open", life: parcel === undefined ? life : { ...life, setupData: parcel, packed: true } }, besides);
  }

  #post(message: ToWorker & { type: "open" | "run" }, { moved, buffers }: Besides): void {
    if (buffers.length > 0) message.buffers = buffers;
    this.#worker.send(message, moved.length > 0 ? moved : undefined);
  }

  /** Counts the worker as busy, so that spinning threads leave it a core. */
  #count(busy: boolean): void {
    if (busy === this.#counted) return;
    this.#counted = busy;
    if (busy) spareCores.workerBusy();
    else spareCores.workerIdle();
  }

  #put(call: Call): void {
    const slot = this.#freeSlots.pop() ?? this.#calls.length;
    call.slot = slot;
    call.lane = this;
    this.#calls[slot] = call;
    this.#worker.slots?.put(slot, call.id);
    this.#held += 1;
    this.#count(true);
    call.sequence = ++this.#sent;
    call.expectedMicros = call.forecastMicros || 1;
    this.expectedMicros += call.expectedMicros;
  }

  #definitions(calls: readonly Call[]): FunctionDefinition[] | undefined {
    let definitions: Map<number, FunctionDefinition> | undefined;
    let last: FunctionProfile | undefined;
    for (const { profile } of calls) {
      if (profile === last || profile === undefined) continue; // most neighbours are calls of one function
      last = profile;
      if (this.#known.has(profile.id)) continue;
      definitions ??= new Map();
      definitions.set(profile.id, { id: profile.id, name: profile.name, payload: profile.payload });
      this.#back.give(profile.payload);
    }
    return definitions && [...definitions.values()];
  }

  /** The call that a message is about; `undefined`: its slot has another call, or none. */
  #heldCall({ slot, id }: { slot: number; id: number }): Call | undefined {
    const call = this.#calls[slot];
    return call?.id === id ? call : undefined;
  }

  #itemsCame(message: FromWorker & { type: "items" }): void {
    const call = this.#heldCall(message);
    if (call?.stream === undefined || call.settled) return;
    const { items, packed = [] } = message;
    for (const index of packed) {
      try {
        items[index] = unpack(items[index] as Parcel, "the caller", call.name);
      } catch (error) {
        call.stream.push(items.slice(0, index));
        return this.#owner.laneUnreadable(call, error as Error);
      }
    }
    call.stream.push(items);
  }

  #progressCame(message: FromWorker & { type: "progress" }): void {
    const call = this.#heldCall(message);
    if (call === undefined) return;
    let { value } = message;
    try {
      if (message.packed === true) value = unpack(value as Parcel, "the caller", call.name);
    } catch (error) {
      return this.#owner.laneUnreadable(call, error as Error);
    }
    call.progressed(value);
  }

  #received(message: FromWorker): void {
    if (this.phase === "gone") return;
    if ("buffers" in message && message.buffers !== undefined) restoreBuffers(message.buffers);
    switch (message.type) {
      case "ready":
        this.#startTimer?.stop();
        this.#settleStart.resolve();
        this.readyAt = this.#world.now();
        if (this.#state.opened() === "serve") this.#owner.laneReady(this);
        return;
      case "settled":
        this.heardAt = this.#world.now();
        this.#state.heard();
        return this.#owner.laneSettled(this, message);
      case "failed":
        this.#failure = unpackThrown(message.thrown);
        this.#worker.kill();
        return;
      case "unreadable":
        this.unreadable = true;
        this.#failure = unpackThrown(message.thrown);
        this.#worker.kill();
        return;
      case "worn":
        return this.#owner.laneWorn(this);
      case "output":
        if (message.stream === "stderr") this.#stderr = `${this.#stderr}${message.text}\n`.slice(-STDERR_KEPT);
        if (this.#onOutput !== undefined) callBack(this.#onOutput, { workerId: this.id, callName: message.callName, stream: message.stream, text: message.text });
        return;
      case "items":
        return this.#itemsCame(message);
      case "began": {
        const call = this.#heldCall(message);
        if (call !== undefined) call.begunAt = this.#world.now();
        return;
      }
      case "progress":
        return this.#progressCame(message);
      case "callBack": {
        const call = this.#calls.find((each) => each?.id === message.call);
        return this.#back.receive(message, call?.context, call?.options.far ?? (call === undefined && this.#servesFar ? noCaller : undefined));
      }
      case "cancelBack":
        return this.#back.cancel(message.id, message.reason);
      default:
        message satisfies never;
        throw new Error(`Worker ${this.id} sent what is no message of offloop: other code writes to its port or socket. Send messages of your own through a port of your own.`);
    }
  }
}

/** The URLs of the `setup` and `teardown` modules, as the worker finds them. @throws FunctionTravelError the travel rules refuse a module */
function namedHooks({ setup, teardown }: ResolvedPoolOptions, travel: TravelRules | undefined): Pick<WorkerLife, "setup" | "teardown"> {
  const name = (module: string | undefined): string | undefined => (module === undefined || travel === undefined ? module : travel.nameOf(module));
  return { setup: name(setup), teardown: name(teardown) };
}

/** The lane of a call that has been sent. The record of a call has it by a narrow type, because this file imports call.ts. */
export function laneOf(call: Call): Lane {
  return call.lane as Lane;
}
