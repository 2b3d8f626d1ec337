// The engine of a RemoteExecutor: it owns each call from its submission until no host has anything to do with it.
//
//   submit ─▶ located ─▶ limiter ─▶ pushed ─▶ started ─▶ answered ─▶ settled
//                                     ▲                      │
//                                     └──── lost, retries ───┘
//
// answers.ts receives what hosts send. rescue.ts stops calls, and decides about calls whose host or worker is lost. The
// other side is host/host.ts.
import { CancelledError, type CallFuture, type CallTarget, ExecutorShutdownError, InvalidOptionError, onAbort, QueueFullError } from "@offloop/workers/executor";
import { acquireRoom, Call, CallBooks, FunctionProfile, leaving, locateFunction, modulesBelow, nameOfCallee, QueueRoom, realWorld, type ResolvedCallOptions, turnEnded } from "@offloop/workers/pool";
import { keyInJob, type ToCaller, type ToHost } from "../messages/messages.js";
import type { ResolvedRemoteOptions } from "../options/remote-options.js";
import { type Answer, type Answered, Answers } from "./answers.js";
import { Attempt } from "./attempt.js";
import { Backs } from "./backs.js";
import { messageOf, refusalOf } from "./call-message.js";
import { Connection } from "./connection.js";
import { type AdoptCalls, HostRequests } from "./host-requests.js";
import { Jobs, type Pushing } from "./jobs.js";
import type { KnownHosts } from "./known-hosts.js";
import { type Calling, Rescue } from "./rescue.js";
import { RoundTrip } from "./round-trip.js";

/** The function whose callers are the recorded stack. */
type Above = (...args: never[]) => unknown;

/** The calls of one `RemoteExecutor`, and their attempts. */
export class Caller implements Calling, Answered, Pushing {
  readonly books: CallBooks;
  readonly connection: Connection;
  readonly rescue = new Rescue(this);
  readonly backs: Backs;
  readonly roundTrip = new RoundTrip();
  readonly #jobs: Jobs;
  readonly #requests: HostRequests;
  readonly #answers = new Answers(this);
  readonly #options: ResolvedRemoteOptions;
  readonly #maxQueue: number;
  readonly #room: QueueRoom;
  readonly #attempts = new Map<string, Attempt>();
  readonly #attemptOf = new Map<Call, Attempt>();
  /** Calls that no host has claimed, as far as is known. */
  readonly #waiting = new Set<Call>();
  readonly #profiles = new WeakMap<object, FunctionProfile>();
  #open = true;
  #inTurn = false;

  constructor(options: ResolvedRemoteOptions, name: string, maxQueue: number) {
    this.#options = options;
    this.#maxQueue = maxQueue;
    this.books = new CallBooks({ executor: options.transport.name, executorName: name }, (call) => {
      this.#waiting.delete(call);
      if (this.#room.awaited) realWorld.soon(() => this.#room.offer());
    });
    this.#room = new QueueRoom(realWorld, () => this.#maxQueue - this.#waiting.size + this.#free);
    this.connection = new Connection(options, {
      received: (from, message) => {
        if (this.#requests.receive(from, message)) return;
        if (message.type === "started") return this.#started(from, message);
        this.#answers.receive(from, message as Answer, (key) => this.#attempts.get(key));
      },
      lost: (key, loss) => {
        for (const attempt of this.#jobs.attemptsOf(key)) this.rescue.lost(attempt, loss);
      },
      hostsRead: (gone) => this.#hostsRead(gone),
      looking: () => this.#attempts.size > 0 || this.#room.awaited || this.#requests.pending,
    });
    this.#jobs = new Jobs(this, options);
    this.#requests = new HostRequests(this.connection, options.queue);
    this.backs = new Backs(options.root, (host, message) => this.connection.tell(host, message));
  }

  get hosts(): KnownHosts {
    return this.connection.hosts;
  }

  get capacity(): number {
    return this.hosts.capacity;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.books.pending - this.#waiting.size;
  }

  /** The number of calls that hosts could begin at once, as far as is known. */
  get #free(): number {
    return Math.max(0, this.hosts.capacity - this.running);
  }

  /** Makes a call. From here on, it settles in any case. */
  submit(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above, as: Partial<Pick<Call, "items" | "stream">> = {}): Call {
    const call = this.#enter(fn, args, options, above);
    Object.assign(call, as);
    if (!call.settled) void this.#admit(fn, call);
    return call;
  }

  /** Enters a call into the books, unless it is refused by name. */
  #enter(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above): Call {
    const call = this.books.make(() => options.name ?? nameOfCallee(fn), (id) => this.#record(fn, args, options, above, id));
    this.books.enter(call);
    this.#waiting.add(call);
    this.#endTurnLater();
    const { signal, queueTimeoutMs } = options;
    const refused = this.#open ? refusalOf(options) : new ExecutorShutdownError();
    if (refused !== undefined) this.books.reject(call, call.blame(refused));
    else if (signal?.aborted === true) this.rescue.cancel(call, signal.reason);
    else {
      if (signal !== undefined) call.onSettled(onAbort(signal, () => this.rescue.cancel(call, signal.reason)));
      if (queueTimeoutMs !== Infinity) this.rescue.watchQueue(call);
    }
    return call;
  }

  #record(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above, id?: number): Call {
    return new Call(fn, args, options, { cancel: (each, reason) => this.rescue.cancel(each, reason) }, above, id);
  }

  /** The calls of one turn have one budget for recorded stacks. */
  #endTurnLater(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    realWorld.soon(() => {
      this.#inTurn = false;
      turnEnded();
    });
  }

  async #admit(fn: CallTarget, call: Call): Promise<void> {
    try {
      const profile = await this.#locate(fn);
      await this.connection.line();
      if (!call.settled) acquireRoom(call, () => this.#enqueue(call, profile), (error) => this.books.reject(call, error));
    } catch (error) {
      this.books.reject(call, error);
    }
  }

  /** The function as hosts find it. @throws FunctionTravelError it is no export of a module below the root */
  async #locate(fn: CallTarget): Promise<FunctionProfile> {
    const { payload } = await locateFunction(fn);
    let profile = this.#profiles.get(payload);
    if (profile === undefined) {
      profile = new FunctionProfile(nameOfCallee(fn), leaving(payload, modulesBelow(this.#options.root)));
      this.#profiles.set(payload, profile);
      this.backs.give(profile.payload);
    }
    return profile;
  }

  #enqueue(call: Call, profile: FunctionProfile): void {
    const others = this.#waiting.size - 1;
    if (others >= this.#maxQueue && others - this.#free >= this.#maxQueue) return this.books.reject(call, new QueueFullError(call.name, this.#maxQueue));
    if (call.queue(profile) === "wait") this.push(call);
  }

  push(call: Call): void {
    this.#waiting.add(call);
    this.#jobs.push(call);
  }

  follow(attempt: Attempt): void {
    this.#attempts.set(attempt.key, attempt);
    if (attempt.alias !== undefined) this.#attempts.set(attempt.alias, attempt);
    this.#attemptOf.set(attempt.call, attempt);
    this.connection.look();
  }

  reject(call: Call, error: unknown): void {
    this.books.reject(call, error);
  }

  failed(attempt: Attempt, error: unknown): void {
    this.rescue.failed(attempt, error);
  }

  again(attempt: Attempt): void {
    this.drop(attempt);
    if (attempt.call.requeue() === "queue") this.push(attempt.call);
  }

  /** Makes one call on each worker of each host. */
  async submitToEach(fn: CallTarget, args: unknown[], options: ResolvedCallOptions, above: Above): Promise<CallFuture<unknown>[]> {
    if (options.limiter !== undefined) throw new InvalidOptionError("limiter", "`limiter` cannot limit broadcast() on other hosts, whose workers all begin at once. Take it out of the options of the view.");
    const refused = this.#open ? refusalOf(options) : new ExecutorShutdownError();
    if (refused !== undefined) throw refused;
    if (options.signal?.aborted === true) throw new CancelledError(`${nameOfCallee(fn)} was cancelled`, { cause: options.signal.reason });
    const profile = await this.#locate(fn);
    const makeCall = (): Call => this.books.make(() => options.name ?? nameOfCallee(fn), (id) => this.#record(fn, args, options, above, id));
    const model = this.#record(fn, args, options, above);
    model.queue(profile);
    const made: CallFuture<unknown>[] = [];
    const adopt: AdoptCalls = (host, hostName, base, keys) => {
      for (const [index, key] of keys.entries()) made.push(this.#adopt(new Attempt(keyInJob(key, 0), makeCall(), undefined, index === 0 ? keyInJob(base, 0) : undefined), profile, host, hostName));
    };
    this.books.keepAlive.hold();
    try {
      await this.#requests.each((key) => messageOf([model], key, this.connection.id), adopt);
    } finally {
      this.books.keepAlive.release();
    }
    return made;
  }

  /** A call that a host has made already. */
  #adopt(attempt: Attempt, profile: FunctionProfile, host: string, hostName: string): CallFuture<unknown> {
    const { call } = attempt;
    this.books.enter(call);
    call.queue(profile);
    call.pinned = true;
    call.send();
    this.follow(attempt);
    attempt.claimedBy(host, hostName);
    const { signal } = call.options;
    if (signal !== undefined) call.onSettled(onAbort(signal, () => this.rescue.cancel(call, signal.reason)));
    return call.future;
  }

  /** A host has claimed a job. */
  #started(host: string, { key, about }: ToCaller & { type: "started" }): void {
    this.hosts.learn(host, about);
    for (const attempt of this.#jobs.attemptsOf(key)) {
      attempt.claimedBy(host, about.name);
      this.#waiting.delete(attempt.call);
      this.rescue.started(attempt);
    }
    if (this.#room.awaited) this.#room.offer();
  }

  attemptOf(call: Call): Attempt | undefined {
    return this.#attemptOf.get(call);
  }

  get attempts(): Attempt[] {
    return [...this.#attemptOf.values()];
  }

  get unsent(): Call[] {
    return [...this.#waiting].filter((call) => !this.#attemptOf.has(call));
  }

  drop(attempt: Attempt): boolean {
    const { key, alias, call } = attempt;
    if (!this.#attempts.delete(key)) return false;
    if (alias !== undefined) this.#attempts.delete(alias);
    this.#attemptOf.delete(call);
    this.backs.end(attempt, "the call has ended");
    if (attempt.job !== undefined) this.#jobs.dropped(attempt);
    return true;
  }

  tell(host: string, message: ToHost): void {
    this.connection.tell(host, message);
  }

  takeBack(attempt: Attempt): Promise<boolean> {
    return this.#jobs.takeBack(attempt);
  }

  /** Lets the generator of a stream send this many more items. */
  grant(call: Call, credits: number): void {
    const attempt = this.#attemptOf.get(call);
    if (attempt?.host !== undefined) this.tell(attempt.host, { type: "credit", key: attempt.key, credits });
  }

  #hostsRead(gone: readonly string[]): void {
    this.#requests.lost((host) => gone.includes(host));
    for (const attempt of this.attempts) if (attempt.call.pinned && gone.includes(attempt.host!)) this.rescue.lost(attempt, { reason: "host", host: attempt.host });
    if (this.#room.awaited) this.#room.offer();
  }

  async ready(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#open) throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      if (signal?.aborted !== true && !this.connection.joined) await this.connection.line();
      if (!this.#open) throw new ExecutorShutdownError();
      const room = this.#room.wait(signal);
      this.connection.look();
      await room;
    } finally {
      this.books.keepAlive.release();
    }
  }

  async warmUp(workers: number | undefined): Promise<void> {
    if (!this.#open) throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      await this.#requests.warmUp(workers);
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
    this.#requests.lost(() => true);
    await this.connection.leave();
    this.books.keepAlive.end();
  }
}
