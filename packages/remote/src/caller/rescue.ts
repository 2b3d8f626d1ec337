// Decides about calls that are stopped, and about calls whose host or worker is lost. Each of them settles, or is pushed
// again under a new key.
import { CallTimeoutError, CancelledError, ExecutorShutdownError, realTime, type WorkerExit } from "@offloop/workers/executor";
import { type Call, type CallBooks, crashError, packThrown, realWorld } from "@offloop/workers/pool";
import { RemoteMessageError } from "../messages/codec.js";
import { nameOfHost, type ToHost } from "../messages/messages.js";
import type { Loss } from "../transport/transport.js";
import type { Attempt } from "./attempt.js";

/** Milliseconds that the engine has for taking a call back, before the call rejects without its answer. A guess: a thousand round trips. */
const TAKE_BACK_MS = 1_000;

/** The parts of the caller that the rescue uses. */
export interface Calling {
  readonly books: CallBooks;
  /** The attempts under way. */
  readonly attempts: readonly Attempt[];
  /** Calls that were not pushed yet. */
  readonly unsent: readonly Call[];
  attemptOf(call: Call): Attempt | undefined;
  /** Gives a call in the phase `queued` to the engine. */
  push(call: Call): void;
  /** Nothing more is expected of the attempt. @returns `false`: that is known */
  drop(attempt: Attempt): boolean;
  tell(host: string, message: ToHost): void;
  /** @returns whether no host has the call, or will get it */
  takeBack(attempt: Attempt): Promise<boolean>;
}

/** Decides only. The caller keeps the calls, and carries the decision out. */
export class Rescue {
  readonly #caller: Calling;
  /** The hosts whose calls were lost. */
  readonly lostHosts = new Set<string>();

  constructor(caller: Calling) {
    this.#caller = caller;
  }

  /** Stops a call. @returns whether there was something to stop */
  cancel(call: Call, reason: unknown): boolean {
    if (call.settled || call.phase === "stopping") return false;
    this.#stop(call, new CancelledError(`${call.name} was cancelled`, { cause: reason }), reason, call.options.onCancel === "terminate");
    return true;
  }

  /** Rejects the call if no host has claimed it within its `queueTimeoutMs`. */
  watchQueue(call: Call): void {
    const { queueTimeoutMs } = call.options;
    const timer = realWorld.after(queueTimeoutMs, () => {
      const attempt = this.#caller.attemptOf(call);
      if (attempt?.host !== undefined || call.phase === "stopping") return;
      const error = call.blame(new CallTimeoutError("queue", queueTimeoutMs, call.name));
      if (attempt === undefined) return this.#caller.books.reject(call, error);
      const late = realTime.setTimeout(() => this.#abandon(call, error), TAKE_BACK_MS).unref();
      void this.#takeBack(attempt, (taken) => {
        realTime.clearTimeout(late);
        if (!taken) return; // a host has begun it
        this.#caller.drop(attempt);
        if (call.phase === "abandoned") call.finish();
        else this.#caller.books.reject(call, error);
      });
    });
    call.onSettled(() => timer.stop());
  }

  /** A host has claimed the call. */
  started(attempt: Attempt): void {
    if (attempt.stop !== undefined) this.#tell(attempt);
  }

  /** A message of the host cannot be read here. */
  refuse(attempt: Attempt, error: Error): void {
    const { call } = attempt;
    call.blame(error);
    if (call.stop(error) !== "tell") return;
    this.#caller.books.abandon(call, error);
    this.#tellOrTakeBack(attempt, error, false);
  }

  /** The function threw, or the host refused the call. */
  failed(attempt: Attempt, error: unknown): void {
    const { call } = attempt;
    this.#caller.drop(attempt);
    if (call.phase === "abandoned") call.finish();
    else this.#caller.books.reject(call, call.phase === "stopping" ? call.stopping : error);
  }

  /** The transport has lost the call. */
  lost(attempt: Attempt, { reason, host, message }: Loss): void {
    const { call } = attempt;
    const by = host ?? attempt.host;
    const name = attempt.hostName ?? (by === undefined ? undefined : nameOfHost(by));
    if (reason === "refused") return this.failed(attempt, call.blame(new RemoteMessageError(`Host ${name ?? "unknown"} refused ${call.name}: ${message ?? "it gave no reason"}`)));
    if (reason === "host" && by !== undefined) this.lostHosts.add(by);
    this.crashed(attempt, { workerId: 0, host: name ?? "(unknown)" }, reason === "engine" ? new Error("the engine has lost the call: it was restarted without its data") : undefined);
  }

  /** The worker or the host ended while it ran the call. */
  crashed(attempt: Attempt, exit: WorkerExit, cause: unknown): void {
    const { call } = attempt;
    this.#caller.drop(attempt);
    if (call.phase !== "sent") return this.#stopped(call);
    call.crashes = [...call.crashes, exit];
    const error = crashError(call, exit, cause);
    if (error !== undefined) this.#caller.books.reject(call, error);
    else if (call.requeue() === "queue") this.#caller.push(call);
  }

  /** The executor shuts down with `cancelPending`: calls that no host has claimed are cancelled. */
  cancelWaiting(): void {
    const reason = new ExecutorShutdownError("The executor was shut down with cancelPending. Await the call before shutdown(), or shut down without cancelPending.");
    for (const call of this.#caller.unsent) this.cancel(call, reason);
    for (const { host, call } of this.#caller.attempts) if (host === undefined) this.cancel(call, reason);
  }

  /** The `timeoutMs` of the shutdown has passed: every call ends. */
  endAll(): void {
    const reason = new ExecutorShutdownError("The executor was shut down, and its timeoutMs passed before the call ended. Await the call before shutdown(), or raise timeoutMs.");
    for (const call of this.#caller.unsent) this.cancel(call, reason);
    for (const attempt of this.#caller.attempts) {
      const { call } = attempt;
      this.#tellOrTakeBack(attempt, reason, true);
      if (call.phase === "abandoned") call.finish();
      else this.#caller.books.reject(call, call.blame(new CancelledError(`${call.name} was ended by the executor's shutdown`, { cause: reason })));
    }
  }

  #stop(call: Call, error: Error, reason: unknown, terminate: boolean): void {
    call.blame(error);
    const { books } = this.#caller;
    switch (call.stop(error)) {
      case "settle":
        return books.reject(call, error);
      case "tell":
        if (call.options.onCancel !== "wait") books.abandon(call, error);
        return this.#tellOrTakeBack(this.#caller.attemptOf(call)!, reason, terminate);
      case "nothing":
    }
  }

  /** Tells the host to stop the call, or takes it out of the queue. If a host claims it meanwhile, that host is told when its `started` arrives. */
  #tellOrTakeBack(attempt: Attempt, reason: unknown, terminate: boolean): void {
    attempt.stop = { reason: packThrown(reason), terminate };
    if (attempt.host !== undefined) return this.#tell(attempt);
    void this.#takeBack(attempt, (taken) => {
      if (taken && this.#caller.drop(attempt)) this.#stopped(attempt.call);
    });
  }

  #tell({ host, key, stop }: Attempt): void {
    this.#caller.tell(host!, { type: "cancel", key, ...stop! });
  }

  async #takeBack(attempt: Attempt, then: (taken: boolean) => void): Promise<void> {
    try {
      then(await this.#caller.takeBack(attempt));
    } catch {
      then(false); // the transport is closed, or the push has failed and rejected the call
    }
  }

  /** No host has the stopped call any more. */
  #stopped(call: Call): void {
    if (call.phase === "done") return;
    this.#caller.books.stopped(call);
  }

  #abandon(call: Call, error: Error): void {
    if (!call.settled) this.#caller.books.abandon(call, error);
  }
}
