// The engine of a RemoteExecutor: it owns each call from its submission until no host has anything to do with it.
//
//   submit ─▶ located ─▶ limiter ─▶ pushed ─▶ started ─▶ answered ─▶ settle
//                                     ▲                      │
//                                     └──── lost, retries ───┘
//
// rescue.ts stops calls, and decides about calls whose host or worker is lost. The other side is host/host.ts.
import { randomUUID } from "node:crypto";
import { type CallTarget, ExecutorShutdownError, InvalidOptionError, onAbort, QueueFullError, realTime, WorkerCrashedError } from "@offloop/workers/executor";
import { acquireRoom, Call, CallBooks, type ChunkResult, FunctionProfile, type FunctionReference, leaving, locateFunction, modulesBelow, nameOfCallee, QueueRoom, realWorld, type ResolvedCallOptions, unpackThrown } from "@offloop/workers/pool";
import { Codec, pack, purposeOfAbout, purposeOfCall, RemoteMessageError, unpack } from "../messages/codec.js";
import type { CallMessage, ChunkMessage, HostAbout, ToCaller, ToHost } from "../messages/messages.js";
import { Post } from "../messages/post.js";
import type { ResolvedRemoteOptions } from "../options/remote-options.js";
import type { Line } from "../transport/transport.js";
import { Attempt } from "./attempt.js";
import { KnownHosts } from "./known-hosts.js";
import { type Calling, Rescue } from "./rescue.js";

/** Milliseconds between two readings of the list of hosts, while calls are pending. A guess: the list is for statistics and for the sizes of windows. */
const LOOK_MS = 1_000;

/** Priorities that every engine can keep. */
const MOST_PRIORITY = 1_000_000;

/** The function whose callers are the recorded stack. */
type Above = (...args: never[]) => unknown;

export class Caller implements Calling {
  readonly id = `caller-${randomUUID()}`;
  readonly books: CallBooks;
  readonly hosts = new KnownHosts();
  readonly rescue: Rescue;
  readonly #options: ResolvedRemoteOptions;
  readonly #maxQueue: number;
  readonly #codec: Codec;
  readonly #post: Post<ToHost, ToCaller>;
  readonly #room: QueueRoom;
  readonly #attempts = new Map<string, Attempt>();
  readonly #attemptOf = new Map<Call, Attempt>();
  /** Calls that no host has claimed, as far as is known. */
  readonly #waiting = new Set<Call>();
  readonly #profiles = new WeakMap<object, FunctionProfile>();
  #line: Promise<Line> | undefined;
  #open = true;
  #looking: NodeJS.Timeout | undefined;

  constructor(options: ResolvedRemoteOptions, maxQueue: number) {
    this.#options = options;
    this.#maxQueue = maxQueue;
    this.#codec = new Codec(options.secret);
    this.#post = new Post(this.id, this.#codec);
    this.books = new CallBooks(options.transport.name, (call) => {
      this.#waiting.delete(call);
      if (this.#room.awaited) realWorld.soon(() => this.#room.offer());
    });
    this.#room = new QueueRoom(realWorld, () => this.#maxQueue - this.#waiting.size + this.#free);
    this.rescue = new Rescue(this);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.books.pending - this.#waiting.size;
  }

  get #free(): number {
    return Math.max(0, this.hosts.capacity - this.running);
  }

  /** Makes a call. From here on, it settles in any case. */
  submit(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above, as: Partial<Pick<Call, "items" | "stream">> = {}): Call {
    const call = new Call(fn, args, options, { cancel: (each, reason) => this.rescue.cancel(each, reason) }, above);
    Object.assign(call, as);
    this.books.enter(call);
    this.#waiting.add(call);
    const refused = this.#refusal(options);
    if (refused !== undefined) this.books.reject(call, call.blame(refused));
    else if (options.signal?.aborted === true) this.rescue.cancel(call, options.signal.reason);
    else {
      const { signal, queueTimeoutMs } = options;
      if (signal !== undefined) call.onSettled(onAbort(signal, () => this.rescue.cancel(call, signal.reason)));
      if (queueTimeoutMs !== Infinity) this.rescue.watchQueue(call);
      void this.#admit(fn, call);
    }
    return call;
  }

  /** What is refused by name, before anything else happens. */
  #refusal({ transfer, priority }: ResolvedCallOptions): Error | undefined {
    if (!this.#open) return new ExecutorShutdownError();
    if (transfer !== undefined && transfer.length > 0) return new InvalidOptionError("transfer", "`transfer` moves objects between threads, and nothing can move to another host. Leave the option out: the values are copied.");
    if (Number.isInteger(priority) && Math.abs(priority) <= MOST_PRIORITY) return undefined;
    return new InvalidOptionError("priority", `priority of a call to another host takes a whole number from -${MOST_PRIORITY} to ${MOST_PRIORITY}; got ${priority}.`);
  }

  async #admit(fn: CallTarget, call: Call): Promise<void> {
    try {
      const profile = await this.#locate(fn);
      await this.line();
      acquireRoom(call, () => this.#enqueue(call, profile), (error) => this.books.reject(call, error));
    } catch (error) {
      this.books.reject(call, error instanceof RemoteMessageError ? call.blame(error) : error);
    }
  }

  /** The function as hosts find it. @throws FunctionTravelError it is no export of a module below the root */
  async #locate(fn: CallTarget): Promise<FunctionProfile> {
    const { payload } = await locateFunction(fn);
    let profile = this.#profiles.get(payload);
    if (profile === undefined) this.#profiles.set(payload, (profile = new FunctionProfile(nameOfCallee(fn), leaving(payload, modulesBelow(this.#options.root)))));
    return profile;
  }

  #enqueue(call: Call, profile: FunctionProfile): void {
    if (call.settled) return;
    const before = this.#waiting.size - 1;
    if (before >= this.#maxQueue && before - this.#free >= this.#maxQueue) return this.books.reject(call, new QueueFullError(call.name, this.#maxQueue));
    if (call.queue(profile) === "wait") this.push(call);
  }

  /** Gives a call in the phase `queued` to the engine. */
  push(call: Call): void {
    const attempt = new Attempt(randomUUID(), call, realTime.now());
    const { key } = attempt;
    const { queue, transport } = this.#options;
    let body: Buffer;
    try {
      body = this.#codec.write(purposeOfCall(queue, key), this.#message(attempt));
      if (body.length > transport.maxBytes) throw new RemoteMessageError(`The arguments of ${call.name} take ${body.length} bytes, and ${transport.name} carries ${transport.maxBytes} at most (maxBytes). Send them in parts, or raise the limit of the transport.`);
    } catch (error) {
      return this.books.reject(call, call.blame(error as Error));
    }
    call.send();
    this.#waiting.add(call);
    this.#attempts.set(key, attempt);
    this.#attemptOf.set(call, attempt);
    this.#look();
    attempt.pushed = this.line().then((line) => line.push(queue, { key, name: call.name, priority: call.priority, body }));
    attempt.pushed.catch((error: unknown) => {
      if (this.drop(attempt)) this.books.reject(call, error);
    });
  }

  #message({ key, call }: Attempt): CallMessage {
    const { name, args, items, stream, options, profile, propagated } = call;
    return {
      key,
      caller: this.id,
      fn: profile!.payload as FunctionReference,
      kind: stream !== undefined ? "stream" : items !== undefined ? "chunk" : "call",
      name,
      packed: pack(args, "args", name, "the worker"),
      context: propagated,
      queueTimeoutMs: options.queueTimeoutMs,
      runTimeoutMs: options.runTimeoutMs,
      graceMs: options.graceMs,
      terminate: options.onCancel === "terminate",
      progress: options.onProgress !== undefined,
    };
  }

  attemptOf(call: Call): Attempt | undefined {
    return this.#attemptOf.get(call);
  }

  get attempts(): Iterable<Attempt> {
    return this.#attempts.values();
  }

  /** Calls that were not pushed yet. */
  get unsent(): Call[] {
    return [...this.#waiting].filter((call) => !this.#attemptOf.has(call));
  }

  /** Nothing more is expected of the attempt. @returns `false`: that is known */
  drop(attempt: Attempt): boolean {
    if (!this.#attempts.delete(attempt.key)) return false;
    if (this.#attemptOf.get(attempt.call) === attempt) this.#attemptOf.delete(attempt.call);
    void this.#line?.then((line) => line.settled(attempt.key));
    return true;
  }

  tell(host: string, message: ToHost): void {
    void this.line().then((line) => this.#post.send(line, host, message)).catch(() => {}); // the host's lease will tell
  }

  /** Lets the generator of a stream send this many more items. */
  grant(call: Call, credits: number): void {
    const attempt = this.#attemptOf.get(call);
    if (attempt?.host !== undefined) this.tell(attempt.host, { type: "credit", key: attempt.key, credits });
  }

  async takeBack({ key, pushed }: Attempt): Promise<boolean> {
    await pushed;
    return (await this.line()).takeBack(this.#options.queue, key);
  }

  #received(bytes: Uint8Array): void {
    let letter;
    try {
      letter = this.#post.open(bytes);
    } catch (error) {
      return void process.emitWarning(error as Error);
    }
    const attempt = letter && this.#attempts.get(letter.message.key);
    if (letter === undefined || attempt === undefined) return;
    const { from, message } = letter;
    if ("stats" in message) this.hosts.update(from, message.stats);
    try {
      this.#take(from, message, attempt);
    } catch (error) {
      this.rescue.refuse(attempt, error as Error);
    }
  }

  #take(from: string, message: ToCaller, attempt: Attempt): void {
    const { call } = attempt;
    switch (message.type) {
      case "started":
        this.hosts.learn(from, message.about);
        attempt.host = from;
        attempt.startedAt = realTime.now();
        this.#waiting.delete(call);
        if (this.#room.awaited) this.#room.offer();
        return this.rescue.started(attempt);
      case "items":
        return call.settled ? undefined : call.stream?.push(unpack(message.packed, "the caller", call.name) as unknown[]);
      case "progress":
        return call.progressed(unpack(message.packed, "the caller", call.name));
      case "fulfilled": {
        const value = call.settled ? undefined : this.#valueOf(call, message.packed, attempt.host);
        this.drop(attempt);
        return call.phase === "abandoned" ? void call.finish() : this.books.fulfil(call, value);
      }
      case "rejected": {
        const error = unpackThrown(message.thrown, this.#stackOf(call, from), call.global);
        return error instanceof WorkerCrashedError ? this.rescue.crashed(attempt, { ...error.exit, host: this.hosts.nameOf(from) }, error.cause) : this.rescue.failed(attempt, error);
      }
      default:
        message satisfies never;
    }
  }

  #valueOf(call: Call, packed: Uint8Array, host: string | undefined): unknown {
    const value = unpack(packed, "the caller", call.name);
    if (call.items === undefined) return value;
    const { values, failed, ms } = value as ChunkMessage;
    return { values, failed: failed && { error: unpackThrown(failed, this.#stackOf(call, host), call.global) }, ms } satisfies ChunkResult<unknown>;
  }

  /** The lines below the stack of an error from a host: its name, and the caller's stack. */
  #stackOf({ callerStack }: Call, host: string | undefined): string {
    const where = `    (on host ${host === undefined ? "unknown" : this.hosts.nameOf(host)})`;
    return callerStack === undefined ? where : `${where}\n${callerStack}`;
  }

  /** The line to the engine, which the first call opens. */
  line(): Promise<Line> {
    this.#line ??= this.#join();
    return this.#line;
  }

  async #join(): Promise<Line> {
    const { transport, queue } = this.#options;
    const line = await transport.join(
      { id: this.id, role: "caller", about: new Uint8Array() },
      { received: (message) => this.#received(message), lost: (key, loss) => this.rescue.lost(this.#attempts.get(key), loss) },
    );
    await this.#readHosts(line, queue);
    return line;
  }

  async #readHosts(line: Line, queue: string): Promise<void> {
    const entries = await line.hosts(queue);
    const gone = this.hosts.replace(
      entries.flatMap(({ id, about }) => {
        try {
          return [[id, this.#codec.read(purposeOfAbout(id), about) as HostAbout] as const];
        } catch {
          return []; // it has another secret, and refuses our calls too
        }
      }),
    );
    for (const id of gone) this.#post.forget(id);
    if (this.#room.awaited) this.#room.offer();
  }

  /** Reads the list of hosts now and then, while calls are pending. */
  #look(): void {
    this.#looking ??= realTime.setTimeout(() => {
      this.#looking = undefined;
      if (this.#attempts.size === 0 && !this.#room.awaited) return;
      void this.line().then((line) => this.#readHosts(line, this.#options.queue)).catch(() => {});
      this.#look();
    }, LOOK_MS).unref();
  }

  async ready(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#open) throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      if (signal?.aborted !== true) await this.line();
      const room = this.#room.wait(signal);
      this.#look();
      await room;
    } finally {
      this.books.keepAlive.release();
    }
  }

  /** Takes no more calls. */
  close(): void {
    this.#open = false;
    this.#room.close(new ExecutorShutdownError());
  }

  async leave(): Promise<void> {
    realTime.clearTimeout(this.#looking);
    await (await this.#line)?.leave();
    this.books.keepAlive.end();
  }
}
