// The life of one actor: starts its worker, notices its death, starts another if that was asked for,
// and ends it. Whatever happens, each call that was made is settled from here or from the connection.
import { ExecutorShutdownError, OutOfMemoryError, OffloopError, WorkerCrashedError, type WorkerExit, WorkerStartError } from "../executor/errors.js";
import { KeepAlive } from "../dispatch/keep-alive.js";
import { channels } from "../observe/channels.js";
import type { ResolvedActorOptions } from "./actor-options.js";
import { startProcess } from "./actor-process.js";
import { startThread } from "./actor-thread.js";
import type { ActorWorker } from "./actor-worker.js";
import { type Blueprint, OPENER_CHANNEL } from "./blueprint.js";
import type { Callee, RequestOptions } from "./callee.js";
import { Connection } from "./connection.js";
import type { Peer } from "./peer.js";
import { peerOf } from "./remote.js";

/** What an actor is made from, each time. */
export interface ActorPlan {
  readonly name: string;
  readonly blueprint: Blueprint;
  readonly args: readonly unknown[];
  readonly options: ResolvedActorOptions;
}

/** The worker of the moment, and what it has made. */
interface Incarnation {
  readonly id: number;
  readonly worker: ActorWorker;
  readonly connection: Connection;
  readonly opener: Peer;
  exit?: { readonly exit: WorkerExit; readonly cause: unknown };
}

// starting ─▶ running ─▶ crashed ─▶ starting (at the next call, with restart: 'on-crash')
//     └───────────┴──────────┴────▶ closing ─▶ closed
type Phase = "starting" | "running" | "crashed" | "closing" | "closed";

let lastWorkerId = 0;

export class ActorLife implements Callee {
  readonly #plan: ActorPlan;
  readonly #keepAlive = new KeepAlive();
  #phase: Phase = "starting";
  #incarnation: Incarnation | undefined;
  /** The object, as soon as there is one. */
  #object: Promise<Peer>;
  #ready: Peer | undefined;
  #closed: Promise<void> | undefined;

  private constructor(plan: ActorPlan) {
    this.#plan = plan;
    this.#object = this.#start();
  }

  /**
   * Starts an actor.
   * @throws WorkerStartError, by rejection, if its worker or its object cannot be made; the reason is the cause
   */
  static async start(plan: ActorPlan): Promise<ActorLife> {
    const life = new ActorLife(plan);
    await life.#object;
    return life;
  }

  async request(how: "call" | "construct" | "get", path: readonly string[], args: readonly unknown[], options: RequestOptions): Promise<unknown> {
    switch (this.#phase) {
      case "running":
        return (this.#ready as Peer).request(how, path, args, options);
      case "starting":
        return (await this.#object).request(how, path, args, options);
      case "crashed":
        if (this.#plan.options.restart === "never") throw this.#crash(this.#incarnation as Incarnation, [this.#plan.name, ...path].join("."), false);
        this.#phase = "starting";
        this.#object = this.#start();
        return (await this.#object).request(how, path, args, options);
      case "closing":
      case "closed":
        throw this.#disposed([this.#plan.name, ...path].join("."));
      default:
        return this.#phase satisfies never;
    }
  }

  /** Nothing to do while the actor lives: it is ended by `dispose` alone. */
  release(): void {}

  dispose(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #start(): Promise<Peer> {
    const { name, blueprint, args } = this.#plan;
    this.#ready = undefined;
    let incarnation: Incarnation | undefined;
    try {
      incarnation = this.#startWorker();
      const { opener, id } = incarnation;
      const loaded = opener.request("call", ["load"], [blueprint, id], {});
      loaded.catch(() => {}); // `construct` waits for it, and fails with it
      const object = peerOf(await opener.request("call", ["construct"], args, {})) as Peer;
      object.name = name;
      this.#ready = object;
      if (this.#phase === "starting") this.#phase = "running";
      return object;
    } catch (error) {
      if (this.#phase === "starting") this.#phase = "crashed";
      const failure = this.#startFailure(error, incarnation);
      await incarnation?.worker.kill();
      throw failure;
    }
  }

  #startWorker(): Incarnation {
    const { options } = this.#plan;
    const id = ++lastWorkerId;
    const start = options.kind === "thread" ? startThread : startProcess;
    const worker = start(options, {
      received: (message) => connection.wire.receive(message),
      exited: (exit, cause) => this.#exited(incarnation, { workerId: id, ...exit }, cause),
    });
    const connection: Connection = new Connection(worker.line, { side: "main", shared: options.kind === "thread", began: () => this.#began() });
    const incarnation: Incarnation = { id, worker, connection, opener: connection.peer(OPENER_CHANNEL, this.#plan.name) };
    this.#incarnation = incarnation;
    if (channels.workerStarted.hasSubscribers) channels.workerStarted.publish({ workerId: id, executor: options.kind });
    return incarnation;
  }

  #exited(incarnation: Incarnation, exit: WorkerExit, cause: unknown): void {
    const expected = this.#phase === "closing";
    incarnation.exit = { exit, cause };
    if (this.#phase === "running") this.#phase = "crashed";
    incarnation.connection.lose((callName) => (expected ? this.#disposed(callName) : this.#crash(incarnation, callName, true)));
    if (channels.workerExited.hasSubscribers) channels.workerExited.publish({ workerId: incarnation.id, executor: this.#plan.options.kind, exit, expected, cause });
  }

  async #close(): Promise<void> {
    const running = this.#phase === "running";
    const starting = this.#phase === "starting" ? this.#object : undefined;
    this.#phase = "closing";
    this.#keepAlive.hold();
    try {
      const { connection, opener, worker, exit } = this.#incarnation as Incarnation;
      if (exit !== undefined && !starting) return;
      const closing = async (): Promise<void> => {
        if (starting) await starting.catch(() => {});
        await connection.idle();
        if (running || starting) await opener.request("call", ["close"], [], {});
      };
      try {
        await within(this.#plan.options.closeTimeoutMs, closing());
      } finally {
        await worker.kill();
      }
    } finally {
      this.#phase = "closed";
      this.#keepAlive.release();
      this.#keepAlive.end();
    }
  }

  #began(): () => void {
    this.#keepAlive.hold();
    return () => this.#keepAlive.release();
  }

  #disposed(callName: string): ExecutorShutdownError {
    return new ExecutorShutdownError(`${callName} cannot run: the actor has been disposed of. Spawn another one, or call it before.`);
  }

  /** @param inFlight whether the call was made before the worker ended */
  #crash(incarnation: Incarnation, callName: string, inFlight: boolean): WorkerCrashedError {
    const { exit, cause } = incarnation.exit as NonNullable<Incarnation["exit"]>;
    const options = cause === undefined ? {} : { cause };
    if ((cause as { code?: unknown } | undefined)?.code === "ERR_WORKER_OUT_OF_MEMORY") return new OutOfMemoryError(callName, exit, options);
    const how = exit.signal ? `was ended by ${exit.signal}` : cause instanceof Error ? `died of an uncaught ${cause.name}: ${cause.message}` : `exited with code ${exit.exitCode ?? "unknown"}`;
    const when = inFlight ? `The worker of the actor ${how} before ${callName} was answered; the call may have had effects.` : `${callName} cannot run: the worker of the actor ${how} earlier.`;
    const next = this.#plan.options.restart === "never" ? "Spawn another actor, or have it started again with restart: 'on-crash'." : "The next call starts it again, without its state.";
    const stderr = exit.stderr ? `\nIts last lines on stderr:\n${exit.stderr}` : "";
    return new WorkerCrashedError(callName, exit, { ...options, message: `${when} ${next}${stderr}` });
  }

  /** Errors of ours about the arguments pass as they are; what the worker threw becomes the cause. */
  #startFailure(error: unknown, incarnation: Incarnation | undefined): Error {
    if (error instanceof OffloopError && incarnation?.exit === undefined && error.code === "ERR_OFFLOOP_CLONE") return error;
    const cause = error instanceof WorkerCrashedError && error.cause !== undefined ? error.cause : error;
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return new WorkerStartError(`The actor ${this.#plan.name} could not be started in a ${this.#plan.options.kind}. ${why}`, { cause });
  }
}

/** Waits for `work`, but no longer than `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  if (ms === Infinity) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // what fails after its time was told to its callers
  }
}
