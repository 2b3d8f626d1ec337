// A host: claims calls while it has a free worker, and runs them on a pool of its own. The thread of the host never
// computes, so it renews its lease whatever the calls do. The other side is caller/caller.ts.
//
//   queue ── claim ──▶ checked ──▶ served? ──▶ pool ──▶ answer into the caller's inbox
import { hostname } from "node:os";
import { checkOptions, nameText, oneOf, type OptionTable, realTime, requireOptions, type ShutdownOptions } from "@offloop/workers/executor";
import { type BaseExecutor, callsOf, KeepAlive, packThrown, type PoolOptions } from "@offloop/workers/pool";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@offloop/workers";
import { Codec, pack, purposeOfAbout, purposeOfCall } from "../messages/codec.js";
import { type HostAbout, idOfHost, type JobMessage, keyInJob, type ToCaller, type ToHost } from "../messages/messages.js";
import { Post } from "../messages/post.js";
import { type RemoteOptions, remoteOptionTypes, type ResolvedRemoteOptions, resolveRemoteOptions } from "../options/remote-options.js";
import type { Delivery, Line, Serving } from "../transport/transport.js";
import type { Hosting } from "./hosting.js";
import { Mail } from "./mail.js";
import { Registry } from "./registry.js";
import { argsOf, Results } from "./results.js";
import { RunningCall } from "./running-call.js";

/** Options of `startHost`. */
export interface HostOptions extends RemoteOptions {
  /**
   * The modules whose functions the host runs, relative to `root`: `"./tasks.js"` with all of its exports, or
   * `"./tasks.js#render"`. A call of anything else is refused before an import.
   */
  modules: readonly string[];
  /**
   * The kind of its workers.
   * @default "thread"
   */
  workers?: "thread" | "process" | undefined;
  /**
   * The options of its pool, without `maxQueue`. The host claims as many jobs at once as the pool has workers. A job is one
   * call, or short calls of one turn, which wait for a worker in the pool.
   * @default the pool's defaults
   */
  pool?: PoolOptions | undefined;
  /**
   * Its name in errors, events and lists.
   * @default the name of the machine and the id of the process
   */
  name?: string | undefined;
}

/** Milliseconds after which a host tells that its workers have changed. Each answer tells it too. */
const ABOUT_MS = 500;

/** Milliseconds between two looks whether the callers of running calls are still there. A guess: their calls hold workers in vain for so long. */
const CALLERS_MS = 2_000;

const hostOptionTypes: OptionTable<HostOptions> = {
  ...remoteOptionTypes,
  modules: { takes: 'a list of modules below the root: ["./tasks.js"]', accepts: (value) => Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string") },
  workers: oneOf("thread", "process"),
  pool: { takes: "the options of a pool without maxQueue, which is an option of RemoteExecutor", accepts: (value) => typeof value === "object" && value !== null && (value as PoolOptions).maxQueue === undefined },
  name: nameText,
};

/**
 * Starts a host. It serves calls until `stop()`, and keeps the process alive until then.
 * @throws InvalidOptionError an option does not fit; what the transport rejects with, if it cannot join
 * @example
 * const host = await startHost({ transport, root: new URL("./", import.meta.url), modules: ["./tasks.js"] });
 */
export function startHost(options: HostOptions): Promise<Host> {
  return Host.start(options);
}

/** A host that `startHost` has started. */
export class Host {
  /** The address of the host on the transport, new at each start. */
  readonly id: string;
  /** The name in `stats()`, events and errors of callers: the option `name`. */
  readonly name: string;
  readonly #pool: BaseExecutor;
  readonly #options: ResolvedRemoteOptions;
  readonly #registry: Registry;
  readonly #codec: Codec;
  readonly #post: Post<ToCaller, ToHost>;
  readonly #mail: Mail;
  readonly #running = new Map<string, RunningCall>();
  readonly #alive = new KeepAlive();
  readonly #hosting: Hosting;
  #telling: NodeJS.Timeout | undefined;
  #told = "";
  #watching: NodeJS.Timeout | undefined;
  #line: Line | undefined;
  #serving: Serving | undefined;
  #stopped: Promise<void> | undefined;

  /** @internal */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    await host.#start();
    return host;
  }

  private constructor(options: HostOptions) {
    const of = "startHost()";
    const { modules, workers = "thread", pool, name, ...given } = checkOptions(of, requireOptions(of, options), { ...hostOptionTypes }) as HostOptions;
    this.#options = resolveRemoteOptions(of, given);
    this.#registry = new Registry(this.#options.root, modules);
    this.#codec = new Codec(this.#options.secret);
    this.name = name ?? `${hostname()}:${process.pid}`;
    this.id = idOfHost(this.name);
    this.#post = new Post(this.id, this.#codec);
    this.#mail = new Mail((caller, messages) => this.#line!.send(caller, this.#post.write(caller, messages)));
    this.#pool = workers === "thread" ? new ThreadPoolExecutor(pool) : new ProcessPoolExecutor(pool);
    const { root, transport } = this.#options;
    this.#hosting = { pool: this.#pool, root, maxBytes: transport.maxBytes, about: () => this.#about(), send: (caller, message) => this.#mail.send(caller, message) };
  }

  /** What it serves: modules, or single exports of them. */
  get serves(): readonly string[] {
    return this.#registry.list;
  }

  /** The queue that it serves, with the version of the code. */
  get queue(): string {
    return this.#options.queue;
  }

  /** The number of calls that it runs now. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether it has been told to stop: it claims no more calls. */
  get draining(): boolean {
    return this.#stopped !== undefined;
  }

  #about(): HostAbout {
    const { workers, idleWorkers, startingWorkers, crashes, workersStarted, utilization } = this.#pool.stats();
    return { name: this.name, capacity: callsOf(this.#pool).parallelism, stats: { workers, idleWorkers, startingWorkers, crashes, workersStarted, utilization } };
  }

  async #start(): Promise<void> {
    const { transport, queue } = this.#options;
    this.#alive.hold();
    const about = this.#about();
    this.#line = await transport.join({ id: this.id, role: "host", about: this.#codec.write(purposeOfAbout(this.id), about) }, { received: (message) => this.#received(message), lost: () => {} });
    this.#telling = realTime.setInterval(() => this.#tellAbout(), ABOUT_MS).unref();
    this.#serving = await this.#line.serve(queue, about.capacity, (delivery) => this.#run(delivery));
  }

  /** Tells what others see of the host, if it has changed. */
  #tellAbout(): void {
    const about = this.#about();
    const text = JSON.stringify(about);
    if (text === this.#told) return;
    this.#told = text;
    void this.#line!.tell(this.#codec.write(purposeOfAbout(this.id), about)).catch(() => {}); // the transport reconnects, and each answer tells too
  }

  async #run({ key, queue, body }: Delivery): Promise<void> {
    const job = this.#codec.read(purposeOfCall(queue, key), body) as JobMessage;
    void this.#mail.send(job.caller, { type: "started", key, about: this.#about() }, "soon").catch(() => {}); // if this fails, so do the answers
    const results = new Results(this.#hosting, job);
    const args = argsOf(job);
    const calls = Array.from({ length: job.count }, (_, index) => new RunningCall(this.#hosting, job, index));
    const answers = await Promise.allSettled(calls.map((call, index) => this.#follow(call.key, call, () => call.answer(() => call.run(this.#registry.target(job.fn), args(index)), results))));
    for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  }

  /** Lets messages of the caller reach the call while it runs. */
  async #follow(key: string, call: RunningCall, run: () => Promise<void>): Promise<void> {
    this.#running.set(key, call);
    this.#watchCallers();
    try {
      await run();
    } finally {
      this.#running.delete(key);
    }
  }

  #received(bytes: Uint8Array): void {
    try {
      const letter = this.#post.open(bytes);
      if (letter !== undefined) for (const message of letter.messages) this.#take(message);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }

  #take(message: ToHost): void {
    if (message.type === "each") void this.#runEach(message.call);
    else if (message.type === "warmUp") void this.#warmUp(message);
    else this.#running.get(message.key)?.receive(message);
  }

  /** Runs a call once on each worker. Each of these calls gets a key of its own. */
  async #runEach(job: JobMessage): Promise<void> {
    const { key, caller } = job;
    const first = new RunningCall(this.#hosting, job, 0);
    try {
      const futures = await callsOf(this.#pool).callEach(first.options, this.#registry.target(job.fn), argsOf(job)(0));
      const keys = futures.map((_, index) => `${key}.${index}`);
      await this.#hosting.send(caller, { type: "each", key, keys });
      for (const [index, future] of futures.entries()) {
        const one = { ...job, key: keys[index]! };
        const call = index === 0 ? first : new RunningCall(this.#hosting, one, 0);
        call.follow(future);
        void this.#follow(keyInJob(one.key, 0), call, () => call.answer(() => future, new Results(this.#hosting, one))).catch(() => {}); // the engine refused the answer, and the caller learns that the host was lost
      }
    } catch (error) {
      await this.#hosting.send(caller, { type: "rejected", key, thrown: packThrown(error), stats: this.#about().stats, times: first.times }).catch(() => {});
    }
  }

  async #warmUp({ key, caller, workers }: ToHost & { type: "warmUp" }): Promise<void> {
    let failed: { readonly error: unknown } | undefined;
    await this.#pool.warmUp(workers).catch((error: unknown) => (failed = { error }));
    const { stats } = this.#about();
    const answer: ToCaller = failed === undefined ? { type: "fulfilled", key, packed: pack(undefined, "result", "warmUp()", "the caller"), stats, calls: [0], times: [[0, 0, undefined]] } : { type: "rejected", key, thrown: packThrown(failed.error), stats, times: [0, 0, undefined] };
    await this.#hosting.send(caller, answer).catch(() => {});
  }

  /** Cancels the calls of callers that have gone. Nobody would take their answers, or give their streams credits. */
  #watchCallers(): void {
    this.#watching ??= realTime.setTimeout(() => {
      this.#watching = undefined;
      if (this.#running.size === 0) return;
      this.#watchCallers();
      for (const caller of new Set([...this.#running.values()].map((call) => call.caller))) void this.#watchCaller(caller).catch(() => {}); // the transport reconnects, and the next look tells
    }, CALLERS_MS).unref();
  }

  async #watchCaller(caller: string): Promise<void> {
    if (await this.#line!.isPresent(caller)) return;
    this.#post.forget(caller);
    for (const call of this.#running.values()) if (call.caller === caller) call.cancel("the caller has gone");
  }

  /**
   * Claims no more calls, lets those that run finish, ends the pool and leaves the transport.
   * @param options as of an executor's `shutdown`: with `timeoutMs`, calls that still run then are ended
   */
  stop(options?: ShutdownOptions): Promise<void> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  async #stop(options: ShutdownOptions | undefined): Promise<void> {
    const served = this.#serving?.stop();
    await new Promise<void>((resolve) => {
      const timer = options?.timeoutMs === undefined || options.timeoutMs === Infinity ? undefined : realTime.setTimeout(resolve, options.timeoutMs);
      void Promise.resolve(served).then(() => {
        realTime.clearTimeout(timer);
        resolve();
      });
    });
    await this.#pool.shutdown(options === undefined ? {} : { ...options, timeoutMs: options.timeoutMs === undefined ? Infinity : 0 });
    await served;
    await this.#line?.leave();
    realTime.clearTimeout(this.#watching);
    realTime.clearInterval(this.#telling);
    this.#alive.release();
    this.#alive.end();
  }

  /** As `stop()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
