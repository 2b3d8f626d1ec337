// The life of one actor: starts its worker, detects its end, starts another one if `restart` says so, and
// disposes of it. Every call is settled here or by the connection.
import type { WorkerCrashedError, WorkerExit } from "../executor/errors.js";
import { captureCaller, type CallerContext, runAs } from "../executor/caller-context.js";
import { inRoot } from "../executor/root-context.js";
import { LongTimer } from "../executor/timer.js";
import { startTimeout, STUCK_MS } from "../dispatch/crash.js";
import { patiently } from "../dispatch/deadlines.js";
import { KeepAlive } from "../dispatch/keep-alive.js";
import { spareCores } from "../dispatch/spare-cores.js";
import { realWorld, type Timer } from "../dispatch/world.js";
import { channels } from "../executor/channels.js";
import { type ActorEnd, crashError, disposedError, startError } from "./actor-failures.js";
import type { ResolvedActorOptions } from "./actor-options.js";
import { startProcess } from "./actor-process.js";
import { startThread } from "./actor-thread.js";
import type { ActorWorker } from "./actor-worker.js";
import { observeCall, observed } from "./observe-call.js";
import { type Blueprint, OPENER_ENDPOINT } from "../entry/actor-blueprint.js";
import type { Callee, How, ObserveRequest, RequestOptions } from "../remote/callee.js";
import { Connection } from "../remote/connection.js";
import { isProxied } from "../remote/proxy.js";
import { Member } from "../remote/member.js";
import type { Peer } from "../remote/peer.js";
import { RemoteCall } from "../remote/remote-call.js";
import { peerOf } from "../remote/remote.js";

/** The data for each start of the actor. */
export interface ActorPlan {
  readonly name: string;
  readonly blueprint: Blueprint;
  readonly args: readonly unknown[];
  readonly options: ResolvedActorOptions;
}

/** The current worker, and the object in it. */
interface Incarnation {
  readonly id: number;
  readonly worker: ActorWorker;
  readonly connection: Connection;
  readonly opener: Peer;
  end?: ActorEnd;
}

// starting ─▶ running ─▶ crashed ─▶ starting (at the next call, with restart: 'on-crash')
//     └───────────┴──────────┴────▶ closing ─▶ closed
type Phase = "starting" | "running" | "crashed" | "closing" | "closed";

/** The members of the opener. */
const members = { load: new Member("load"), construct: new Member("construct"), close: new Member("close") };

let lastWorkerId = 0;

export class ActorLife implements Callee {
  readonly #plan: ActorPlan;
  readonly #keepAlive = new KeepAlive();
  #phase: Phase = "starting";
  #incarnation: Incarnation | undefined;
  /** While it starts. */
  #object: Promise<Peer> | undefined;
  /** Where the constructor's callbacks run; without callbacks, nothing of the spawner's is kept. */
  readonly #spawner: CallerContext | undefined;
  #ready: Peer | undefined;
  #closed: Promise<void> | undefined;

  private constructor(plan: ActorPlan) {
    this.#plan = plan;
    this.#spawner = plan.args.some(isProxied) ? captureCaller() : undefined;
    void this.#begin();
  }

  /**
   * Starts an actor.
   * @throws WorkerStartError, by rejection, if its worker or its object cannot be created; the reason is the cause
   */
  static async start(plan: ActorPlan): Promise<ActorLife> {
    const life = new ActorLife(plan);
    await life.#object;
    return life;
  }

  request(how: How, member: Member, args: readonly unknown[], options: RequestOptions): RemoteCall<unknown> {
    if (!observed()) return this.#request(how, member, args, options);
    return observeCall(member.nameIn(this.#plan.name), this.#plan.options.kind, (watch) => this.#request(how, member, args, { ...options, watch }));
  }

  /** Requests to objects that the actor has returned or passed. */
  #observe(workerId: number, callName: string, request: Parameters<ObserveRequest>[1]): RemoteCall<unknown> {
    if (!observed()) return request(undefined);
    return observeCall(callName, this.#plan.options.kind, (watch) => {
      watch.sent(workerId);
      return request(watch);
    });
  }

  #request(how: How, member: Member, args: readonly unknown[], options: RequestOptions): RemoteCall<unknown> {
    const ask = (object: Peer): RemoteCall<unknown> => {
      options.watch?.sent((this.#incarnation as Incarnation).id);
      return object.request(how, member, args, options);
    };
    if (this.#phase === "running") return ask(this.#ready as Peer);
    return RemoteCall.from(this.#whenRunning(member).then(ask));
  }

  async #whenRunning(member: Member): Promise<Peer> {
    switch (this.#phase) {
      case "running":
        return this.#ready as Peer;
      case "starting":
        return this.#object!;
      case "crashed":
        if (this.#plan.options.restart === "never") throw this.#crash(this.#incarnation as Incarnation, member.nameIn(this.#plan.name), false);
        this.#phase = "starting";
        return this.#begin();
      case "closing":
      case "closed":
        throw disposedError(member.nameIn(this.#plan.name));
      default:
        return this.#phase satisfies never;
    }
  }

  /** Does nothing: only `dispose` ends an actor. */
  release(): void {}

  dispose(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  #begin(): Promise<Peer> {
    const start = (): Promise<Peer> => this.#start();
    return (this.#object = this.#spawner === undefined ? start() : runAs(this.#spawner, start));
  }

  async #start(): Promise<Peer> {
    const { name, blueprint, args } = this.#plan;
    this.#ready = undefined;
    const { startTimeoutMs } = this.#plan.options;
    let incarnation: Incarnation | undefined;
    let deadline: Timer | undefined;
    try {
      const late = new Promise<never>((_, reject) => (deadline = patiently(realWorld, startTimeoutMs, () => reject(startTimeout(startTimeoutMs)))));
      incarnation = this.#startWorker();
      const { opener, id } = incarnation;
      const loaded = opener.request("call", members.load, [blueprint, id], {});
      loaded.catch(() => {}); // `construct` awaits it, and reports the error
      const object = peerOf(await Promise.race([late, opener.request("call", members.construct, args, { lasting: true })])) as Peer;
      object.name = name;
      object.observe = undefined; // request() does that
      this.#ready = object;
      this.#object = undefined;
      if (this.#phase === "starting") this.#phase = incarnation.end === undefined ? "running" : "crashed";
      return object;
    } catch (error) {
      if (this.#phase === "starting") this.#phase = "crashed";
      const failure = startError(error, incarnation?.end, this.#plan);
      if (incarnation !== undefined) await within(STUCK_MS, incarnation.worker.kill());
      throw failure;
    } finally {
      deadline?.stop();
    }
  }

  /** In the root context: the worker outlives the call that it is started for. */
  #startWorker(): Incarnation {
    return inRoot(() => {
      const { options } = this.#plan;
      const id = ++lastWorkerId;
      const start = options.kind === "thread" ? startThread : startProcess;
      const worker = start(options, {
        received: (message) => connection.wire.receive(message),
        get expecting() {
          return connection.wire.asking;
        },
        exited: (exit, cause) => this.#exited(incarnation, { workerId: id, ...exit }, cause),
      });
      const connection: Connection = new Connection(worker.line, { side: "main", shared: options.kind === "thread", observe: (callName, request) => this.#observe(id, callName, request), busy: (busy) => this.#busy(busy) });
      const incarnation: Incarnation = { id, worker, connection, opener: connection.peer(OPENER_ENDPOINT, this.#plan.name) };
      this.#incarnation = incarnation;
      if (channels.workerStarted.hasSubscribers) channels.workerStarted.publish({ workerId: id, executor: options.kind, executorName: options.kind });
      return incarnation;
    });
  }

  #exited(incarnation: Incarnation, exit: WorkerExit, cause: unknown): void {
    const expected = this.#phase === "closing";
    incarnation.end = { exit, cause };
    if (this.#phase === "running" && incarnation === this.#incarnation) this.#phase = "crashed";
    incarnation.connection.lose((callName) => (expected ? disposedError(callName) : this.#crash(incarnation, callName, true)));
    if (channels.workerExited.hasSubscribers) channels.workerExited.publish({ workerId: incarnation.id, executor: this.#plan.options.kind, executorName: this.#plan.options.kind, exit, expected, cause });
  }

  async #close(): Promise<void> {
    const running = this.#phase === "running";
    const starting = this.#phase === "starting" ? this.#object : undefined;
    this.#phase = "closing";
    this.#keepAlive.hold();
    try {
      const incarnation = this.#incarnation as Incarnation;
      const { connection, opener, worker } = incarnation;
      if (incarnation.end !== undefined && !starting) return;
      const closing = async (): Promise<void> => {
        const started = running || (await starting?.then(() => true, () => false));
        await connection.idle();
        if (started) await opener.request("call", members.close, [], {});
      };
      try {
        await within(this.#plan.options.closeTimeoutMs, closing());
      } catch (error) {
        if (incarnation.end === undefined) throw error; // the object's disposal has failed; a worker that has died is disposed of
      } finally {
        await within(STUCK_MS, worker.kill());
      }
    } finally {
      this.#phase = "closed";
      this.#keepAlive.release();
      this.#keepAlive.end();
    }
  }

  /** Keeps the process alive, and counts the worker as one that needs a core. */
  #busy(busy: boolean): void {
    if (busy) {
      this.#keepAlive.hold();
      spareCores.workerBusy();
    } else {
      this.#keepAlive.release();
      spareCores.workerIdle();
    }
  }

  /** @param inFlight whether the call was made before the worker ended */
  #crash({ end }: Incarnation, callName: string, inFlight: boolean): WorkerCrashedError {
    return crashError(callName, end as ActorEnd, this.#plan.options.restart, inFlight);
  }
}

/** Waits for `work`, at most `ms` milliseconds. A worker in a system call that Node cannot interrupt does not end in time. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms === Infinity) return work;
  let timer: LongTimer | undefined;
  const late = new Promise<void>((resolve) => (timer = new LongTimer(ms, resolve, true)));
  try {
    await Promise.race([work, late]);
  } finally {
    timer?.stop();
    work.catch(() => {}); // the callers have received a later failure
  }
}
