// Inside a worker: runs the calls that arrive, one at a time, and answers. The entries of threads and
// processes use it, and the entries of third-party executors, with their own line to the main side.
//
//   ToWorker ─▶ receive ─▶ queue ─▶ claim ─▶ function ─▶ outcomes ─▶ FromWorker
//
// A function that throws, or returns a value that cannot be cloned, does not end the worker. Outcomes are
// sent together if they follow each other closely. The event loop turns between calls, so timers and sockets of user
// code are served.
import { Readable } from "node:stream";
import { types } from "node:util";
import type { ReadableStream } from "node:stream/web";
import { isThenable } from "../executor/callee.js";
import { contextOfOneCall } from "../executor/caller-context.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { packNumbers, runChunk } from "../executor/run-chunk.js";
import { enterContext } from "../executor/propagate.js";
import { addWayBack } from "../executor/from-thread.js";
import { addTaskContextSource } from "../executor/task-context.js";
import { clearTimeout, now as realNow, setTimeout } from "../executor/real-time.js";
import { diagnoseClone } from "../protocol/clone-diagnosis.js";
import { NativePromise } from "../executor/intrinsics.js";
import type { Destination } from "../protocol/object-kinds.js";
import { type Besides, packThrown, type Parcel, parcelFor, restoreBuffers, unpack, unpackThrown } from "../protocol/parcel.js";
import { CALL_HEAD, type CallExtras, type ChunkValue, type FlatCalls, type FromWorker, ROW_HEAD, THROWN, type ToWorker, VALUE, type WorkerLife } from "../protocol/messages.js";
import { type CancelWords, type Slots, toShared } from "../protocol/slots.js";
import { arriving, type TravelRules } from "../protocol/travel-rules.js";
import { Outcomes } from "./outcomes.js";
import { PolledWords } from "./polled-words.js";
import { RunningCall } from "./running-call.js";
import { runStream, StreamCredits } from "./run-stream.js";
import { Back } from "./way-back.js";
import { captureOutput, runSetup, runTeardown } from "./worker-life.js";
import { pendingFiles } from "./pending-files.js";
import { resolveFunction } from "../function/arriving/resolve-function.js";

/** Milliseconds of synchronous work after which the worker's event loop turns. */
const YIELD_AFTER_MS = 5;

/** Milliseconds between two measurements of the heap. One costs about 10 µs. */
const HEAP_CHECK_MS = 1;

/** Milliseconds that an answer waits for what its call has printed. After that, user code is taken to have replaced how the stream writes. A guess. */
const PRINTED_MS = 1_000;

/** Streams that have not written in that time. No answer waits for them. */
const stuck = new Set<NodeJS.WriteStream>();

// Read at start, because user code may replace them.
const { setImmediate } = globalThis;
const { stdout, stderr } = process;
const writers = [stdout, stderr].map((stream) => ({ stream, write: stream.write.bind(stream) as typeof stream.write }));
const turn = setImmediate;

type AnyFunction = (...args: unknown[]) => unknown;

/** The worker's end of the line to the main side. A `StartedWorker` is the other end. */
export interface WorkerLine {
  /**
   * Sends one message to the main side. Messages arrive in order.
   * @param transfer the objects that user code marked to move with its result; a line that cannot move one copies it or throws
   * @throws Error, such as a DataCloneError: the message cannot be cloned; no part of it has been sent then
   */
  send(message: FromWorker, transfer?: readonly object[]): void;
  /** Called after a `close` message, when the last call has been answered and the teardown module has run. The worker can end. */
  closed(): void;
  /**
   * Receives the messages that have arrived, without waiting for the event loop, and hands them to `receive`.
   * Without it, synchronous code detects its cancellation through `cancelWords` only, or not at all.
   */
  poll?(): void;
  /** Blocks the thread until a message has arrived, and receives it. `fromThread.sync` needs it. */
  wait?(): void;
}

/** Options of `serveCalls`. */
export interface ServeOptions {
  /** The `slots` of the main side, in shared memory. @default undefined: no shared memory */
  readonly slots?: Slots | undefined;
  /** The memory or file in which synchronous code reads that its call is cancelled. @default `slots`, or polling the line */
  readonly cancelWords?: CancelWords | undefined;
  /** How functions travel between the two sides. @default undefined: modules have the same URLs on both sides, and code is accepted */
  readonly travel?: TravelRules | undefined;
}

interface KnownFunction {
  readonly name: string;
  /** A promise only until its module is loaded, because an await costs more than a short call. */
  fn: AnyFunction | Promise<AnyFunction>;
}

export class CallRunner {
  readonly #cancelWords: CancelWords;
  readonly #slots: Slots | undefined;
  readonly #line: WorkerLine;
  readonly #travel: TravelRules | undefined;
  /** The place of the main side: a thread of this process, or another process. */
  readonly #to: Destination;
  #life: WorkerLife | undefined;
  #setup: unknown;
  readonly #functions = new Map<number, KnownFunction>();
  #queue: FlatCalls = [];
  #head = 0;
  #running = false;
  #closing = false;
  /** Resolve functions that arrived before the setup module had run. */
  readonly #whenReady: (() => void)[] = [];
  /** The current row: calls of one function with the same shape. */
  #rowFunction: KnownFunction | undefined;
  #rowShape = 0;
  #rowLeft = 0;
  /** The id of the running call; 0: none. The fields below belong to it. */
  #runs = 0;
  #slot = 0;
  #known: KnownFunction | undefined;
  #extras: CallExtras | undefined;
  #context: RunningCall | undefined;
  readonly #outcomes: Outcomes;
  #heapCheckedAt = -Infinity;
  #failedToLoad = false;
  readonly #cancelled = new Set<number>();
  readonly #back: Back;

  constructor(line: WorkerLine, { slots, cancelWords = slots ?? new PolledWords(line), travel }: ServeOptions = {}) {
    this.#cancelWords = cancelWords;
    this.#slots = slots;
    this.#line = line;
    this.#travel = travel;
    this.#to = slots === undefined ? "process" : "thread";
    this.#outcomes = new Outcomes((message, transfer) => line.send(message, transfer), this.#to);
    this.#back = new Back({ to: this.#to, send: (message, transfer) => line.send(message, transfer), wait: line.wait?.bind(line), current: () => this.#taskContext(), travel });
    addTaskContextSource(() => this.#taskContext());
    addWayBack(() => this.#back);
    // Sends finished outcomes when user code ends the worker.
    process.on("exit", () => this.#outcomes.flush());
  }

  /** Whether no call runs and none is queued. */
  get idle(): boolean {
    return !this.#running;
  }

  receive(message: ToWorker): void {
    if ("buffers" in message && message.buffers !== undefined) restoreBuffers(message.buffers);
    switch (message.type) {
      case "open":
        void this.#open(message.life);
        return;
      case "run":
        if (message.timed === true) this.#outcomes.sendTimes();
        for (const { id, name, payload } of message.functions ?? []) this.#functions.set(id, { name, fn: this.#life === undefined ? this.#resolveWhenReady(payload) : this.#resolve(payload) });
        if (this.#head === this.#queue.length) {
          this.#queue = message.calls;
          this.#head = 0;
        } else this.#append(message.calls);
        if (!this.#running && this.#life !== undefined) void this.#run();
        return;
      case "cancel":
        if (this.#runs === message.id) this.#cancelCurrent(this.#taskContext()!, unpackThrown(message.reason));
        else if (this.#slots === undefined) this.#cancelled.add(message.id);
        return;
      case "credit":
        if (this.#runs === message.id) this.#context?.credits?.grant(message.credits);
        return;
      case "answerBack":
        return this.#back.answered(message);
      case "close":
        this.#closing = true;
        if (!this.#running) void this.#close();
        return;
      default:
        message satisfies never;
        throw new Error("The caller sent what is no message of offloop. This is a fault of offloop, or two versions of it are mixed: install one.");
    }
  }

  /** A message has arrived that this side cannot read. */
  unreadable(error: unknown): void {
    this.#line.send({ type: "unreadable", thrown: packThrown(error, this.#to) });
  }

  /** Adds calls behind the queued calls. */
  #append(calls: FlatCalls): void {
    const queue = Array.isArray(this.#queue) ? (this.#queue as unknown[]) : Array.from(this.#queue);
    for (let index = 0; index < calls.length; index += 1) queue.push(calls[index]);
    this.#queue = queue;
  }

  #cancelCurrent(call: RunningCall, reason: unknown): void {
    call.cancel(reason);
    this.#back.cancelled(call);
  }

  #resolve(payload: Parameters<typeof resolveFunction>[0]): AnyFunction | Promise<AnyFunction> {
    try {
      const fn = resolveFunction(arriving(payload, this.#travel)) as AnyFunction | Promise<AnyFunction>;
      // The calls of the function get the failure. Without this line it would be an unhandled rejection until then.
      if (types.isPromise(fn)) fn.catch(() => {});
      return fn;
    } catch (error) {
      const failed = NativePromise.reject(error);
      failed.catch(() => {});
      return failed;
    }
  }

  /** Before the setup module has run, no module of a call is imported: the setup module may register a loader. */
  #resolveWhenReady(payload: Parameters<typeof resolveFunction>[0]): Promise<AnyFunction> {
    const resolved = new NativePromise<AnyFunction>((resolve) => this.#whenReady.push(() => resolve(this.#resolve(payload))));
    resolved.catch(() => {}); // the call reports the failure
    return resolved;
  }

  /** Runs the queued calls. Awaits asynchronous functions, and a turn of the event loop after each `YIELD_AFTER_MS`. */
  async #run(): Promise<void> {
    this.#running = true;
    let now = realNow();
    let turnStarted = now;
    this.#outcomes.begin(now);
    while (this.#head < this.#queue.length) {
      if (this.#rowLeft === 0) this.#beginRow();
      // Everything is read before the first await, because the queue may be replaced during it.
      const known = this.#rowFunction!;
      const head = this.#head;
      const end = head + CALL_HEAD + (this.#rowShape >> 1);
      const extras = (this.#rowShape & 1) === 0 ? undefined : (this.#queue[end] as CallExtras);
      const id = this.#queue[head] as number;
      const slot = this.#queue[head + 1] as number;
      this.#rowLeft -= 1;
      this.#head = extras === undefined ? end : end + 1;
      if (!this.#claim(slot, id, now)) continue;
      const args: unknown[] = [];
      for (let index = head + CALL_HEAD; index < end; index += 1) args.push(this.#queue[index]);
      this.#runs = id;
      this.#slot = slot;
      this.#known = known;
      this.#extras = extras;
      if (extras?.timed) {
        this.#outcomes.flush();
        if (this.#slots === undefined) this.#line.send({ type: "began", slot, id });
      }
      const started = now;
      this.#outcomes.callBegins(started);
      let kind: typeof VALUE | typeof THROWN = VALUE;
      let value: unknown;
      try {
        if (types.isPromise(known.fn)) known.fn = await this.#load(known.fn);
        const { fn } = known;
        value = extras === undefined ? contextOfOneCall().runInAsyncScope(fn, undefined, ...args) : contextOfOneCall().runInAsyncScope(() => this.#apply(fn, args, extras));
        if (isThenable(value)) {
          this.#outcomes.flush();
          value = await value;
        }
        if (extras?.chunk) value = packChunk(value as ChunkResult<unknown>, this.#to);
      } catch (error) {
        kind = THROWN;
        value = packThrown(error, this.#to);
      }
      const ended = realNow();
      const name = this.#name()!;
      this.#runs = 0;
      this.#context = undefined;
      // The program may end with this answer, so the call's printed output must be written before.
      if (stdout.writableLength > 0 || stderr.writableLength > 0) await printed();
      this.#slots?.finish(slot, id, ended - started);
      if (this.#life!.recycleAboveHeapBytes !== Infinity) this.#checkHeap(ended);
      now = this.#outcomes.add(id, slot, name, kind, value, ended - started, ended, extras?.chunk ? "results" : "result");
      if (now - turnStarted > YIELD_AFTER_MS && this.#head < this.#queue.length) {
        this.#outcomes.flush();
        await new NativePromise(turn);
        turnStarted = now = realNow();
      }
    }
    this.#queue = [];
    this.#head = 0;
    this.#running = false;
    this.#cancelled.clear(); // their calls have ended
    this.#outcomes.flush();
    if (this.#closing) await this.#close();
  }

  /** Awaits the module of a function. Node keeps the failure of a module that fails to load, so another worker replaces this one. */
  async #load(loading: Promise<AnyFunction>): Promise<AnyFunction> {
    try {
      return await loading;
    } catch (error) {
      if (!this.#failedToLoad) this.#line.send({ type: "worn" });
      this.#failedToLoad = true;
      throw error;
    }
  }

  #beginRow(): void {
    this.#rowFunction = this.#functions.get(this.#queue[this.#head] as number)!;
    this.#rowShape = this.#queue[this.#head + 1] as number;
    this.#rowLeft = this.#queue[this.#head + 2] as number;
    this.#head += ROW_HEAD;
  }

  /** The task context of the running call. Created on request, because most functions never request it. */
  #taskContext(): RunningCall | undefined {
    if (this.#runs === 0) return undefined;
    if (this.#context === undefined) {
      const identity = { id: this.#runs, slot: this.#slot, name: this.#name()!, workerId: this.#life!.workerId, setup: this.#setup };
      this.#context = new RunningCall(identity, this.#cancelWords, this.#extras?.progress ? (message, moved) => this.#line.send(message, moved) : undefined, this.#to);
    }
    return this.#context;
  }

  /** The name of the running call. */
  #name(): string | undefined {
    return this.#runs === 0 ? undefined : (this.#extras?.name ?? this.#known!.name);
  }

  /** Sets the worker up. Calls that arrive meanwhile wait. */
  async #open(life: WorkerLife): Promise<void> {
    if (life.captureOutput) captureOutput((message) => this.#line.send(message), () => this.#name());
    try {
      this.#setup = await runSetup(life.packed === true ? { ...life, setupData: unpack(life.setupData as Parcel, "the worker", "setup") } : life, this.#travel);
    } catch (error) {
      return this.#line.send({ type: "failed", thrown: packThrown(error, this.#to) });
    }
    this.#life = life;
    for (const resolve of this.#whenReady.splice(0)) resolve();
    this.#line.send({ type: "ready" });
    if (this.#head < this.#queue.length) await this.#run();
  }

  async #close(): Promise<void> {
    if (this.#life !== undefined) await runTeardown(this.#life, this.#setup, this.#travel);
    await pendingFiles();
    this.#line.closed();
  }

  /** Reports a heap above the limit to the main side. Measures at most once in `HEAP_CHECK_MS`. */
  #checkHeap(now: number): void {
    if (now - this.#heapCheckedAt < HEAP_CHECK_MS) return;
    this.#heapCheckedAt = now;
    const bytes = process.memoryUsage().heapUsed;
    if (bytes > this.#life!.recycleAboveHeapBytes) this.#line.send({ type: "worn" });
  }

  /** Calls the function with the extras of the call. */
  #apply(resolved: AnyFunction, args: unknown[], extras: CallExtras): unknown {
    const { streams, chunk, credits, packed } = extras;
    let { captures, context } = extras;
    if (packed !== undefined) {
      const read = (parcel: Parcel): unknown => unpack(parcel, "the worker", this.#name()!);
      if (packed.args !== undefined) args = read(packed.args) as unknown[];
      if (packed.captures !== undefined) captures = read(packed.captures) as typeof captures;
      if (packed.context !== undefined) context = read(packed.context) as typeof context;
    }
    const fn = captures === undefined ? resolved : (resolved(captures) as AnyFunction);
    for (const index of streams ?? []) args[index] = Readable.fromWeb(args[index] as ReadableStream);
    const run = (): unknown => {
      const value = chunk ? runChunk(fn, args[0] as ArrayLike<unknown>, () => this.#taskContext()!.throwIfCancelled()) : fn(...args);
      return credits === undefined ? value : this.#stream(value, credits); // a generator runs in the context of its next()
    };
    return context === undefined ? run() : enterContext(context, run);
  }

  #stream(returned: unknown, credits: number): Promise<unknown> {
    const call = this.#taskContext()!;
    const send = (message: FromWorker & { type: "items" }): void => {
      const { items } = message;
      const besides: Besides = { moved: [], buffers: [] };
      const packed: number[] = [];
      try {
        message.items = items.map((item, index) => {
          const parcel = parcelFor(item, `items[${index}]`, this.#to, besides);
          if (parcel !== undefined) packed.push(index);
          return parcel ?? item;
        });
        if (packed.length > 0) message.packed = packed;
        if (besides.buffers.length > 0) message.buffers = besides.buffers;
        this.#line.send(message, besides.moved.length > 0 ? besides.moved : undefined);
      } catch (cause) {
        throw diagnoseClone(items, "items", call.name, [], cause);
      }
    };
    call.credits = new StreamCredits(credits);
    return runStream(returned, { slot: this.#slot, id: call.id, credits: call.credits, stopped: call.signal, send });
  }

  /** Claims the call. `false`: the main side has taken it back or cancelled it. */
  #claim(slot: number, id: number, now: number): boolean {
    if (this.#slots !== undefined) return this.#slots.claim(slot, id, toShared(now));
    if (!this.#cancelled.delete(id)) return true;
    this.#outcomes.skip(id, slot);
    return false;
  }
}

function packChunk({ values, failed, ms }: ChunkResult<unknown>, to: Destination): ChunkValue {
  return { values: packNumbers(values as unknown[]), failed: failed && packThrown(failed.error, to), ms };
}

async function printed(): Promise<void> {
  // A stream that user code has corked or destroyed writes no more by itself.
  const waiting = writers.filter(({ stream }) => stream.writableLength > 0 && stream.writableCorked === 0 && !stream.destroyed && !stuck.has(stream));
  await NativePromise.all(waiting.map(({ stream, write }) => new NativePromise<void>((resolve) => {
    const timer = setTimeout(() => {
      stuck.add(stream);
      resolve();
    }, PRINTED_MS);
    write("", () => {
      clearTimeout(timer);
      stuck.delete(stream);
      resolve();
    });
  })));
}
