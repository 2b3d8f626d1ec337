// Decides about calls that are stopped, and about calls whose worker ends. Each of them settles, or goes back to
// the queue as if it had never been sent.
import { runAs } from "../executor/caller-context.js";
import { CallTimeoutError, CancelledError, ExecutorShutdownError, type WorkerExit } from "../executor/errors.js";
import { channels } from "../executor/channels.js";
import type { Call } from "./call.js";
import type { CallBooks } from "./call-books.js";
import { crashError, goneError, startError, warnOfCrash } from "./crash.js";
import type { Fleet } from "./fleet.js";
import { type Lane, laneOf } from "./lane.js";
import type { ExitMeaning } from "./lane-state.js";
import type { World } from "./world.js";

/** Milliseconds in which a worker skips a cancelled call when its turn comes, for calls without a grace time: ten round trips on a busy machine. A guess. */
const SKIP_MS = 100;

/** The error of a call that only a worker which has ended could have run. */
type WhyGone = (call: Call, workerId: number) => Error;

/** The parts of the dispatcher that the rescue uses. */
export interface Dispatching {
  readonly books: CallBooks;
  readonly fleet: Fleet;
  readonly world: World;
  /** Puts a call back to the front of the queue. */
  putBack(call: Call): void;
  /** Takes all waiting calls out of the queue. */
  drain(): Iterable<Call>;
  /** Sends waiting calls, as far as there is room. */
  pump(): void;
}

export class Rescue {
  readonly #dispatching: Dispatching;
  readonly #books: CallBooks;
  readonly #fleet: Fleet;

  constructor(dispatching: Dispatching) {
    this.#dispatching = dispatching;
    this.#books = dispatching.books;
    this.#fleet = dispatching.fleet;
  }

  /** Stops a call. @returns whether there was something to stop */
  cancel(call: Call, reason: unknown): boolean {
    if (call.settled || call.phase === "stopping") return false;
    this.#stop(call, new CancelledError(`${call.name} was cancelled`, { cause: reason }), reason);
    return true;
  }

  queueTimedOut(call: Call): void {
    if (call.settled || call.phase === "stopping") return;
    const error = new CallTimeoutError("queue", call.options.queueTimeoutMs, call.name);
    if (call.phase !== "sent" || call.lane!.takeBack(call)) this.#books.reject(call, call.blame(error));
    // Without shared memory: the worker skips it when its turn comes.
    else if (laneOf(call).waits(call)) this.refuse(call, error);
  }

  runTimedOut(call: Call): void {
    const error = new CallTimeoutError("run", call.options.runTimeoutMs, call.name);
    this.#stop(call, error, error.message);
  }

  /** The worker of a call does not begin it, though it has nothing else to do: it is blocked, or another program has stopped it. */
  neverBegan(call: Call): void {
    // Without shared memory the call may have begun. Then it is not run a second time.
    if (call.lane!.shared) this.#end(laneOf(call), call);
    else this.runTimedOut(call);
  }

  /** Rejects a sent call at once, whatever its `onCancel`, and stops it: a value of it cannot be read here, or it has waited for too long. */
  refuse(call: Call, error: Error): void {
    call.blame(error);
    if (call.stop(error) !== "tell") return;
    this.#books.abandon(call, error);
    this.#tell(laneOf(call), call, error, error);
  }

  /** Puts a call back to the front of the queue, as if it had never been sent. */
  requeue(call: Call, whyGone: WhyGone = goneError): void {
    const { lane } = call;
    if (call.pinned && call.phase === "sent") return this.#books.reject(call, whyGone(call, lane!.id));
    switch (call.requeue()) {
      case "queue":
        if (channels.callRequeued.hasSubscribers) runAs(call.context, () => channels.callRequeued.publish({ ...this.#books.event(call), workerId: lane!.id, crashes: call.crashes.length }));
        return this.#dispatching.putBack(call);
      case "finish":
        return this.#books.stopped(call);
    }
  }

  /** A worker has exited that the dispatcher did not kill. */
  exited(lane: Lane, meaning: ExitMeaning, exit: WorkerExit, cause: unknown): void {
    const whyGone: WhyGone = (call) => (meaning === "start-failed" ? startError(call, exit, cause) : goneError(call, lane.id, cause));
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = meaning === "start-failed" || (!lane.unreadable && lane.unbegun(call));
      lane.release(call);
      if (unbegun) this.requeue(call, whyGone);
      else begun.push(call);
    }
    for (const call of begun) this.#crashed(call, exit, cause);
    this.strand(lane, whyGone);
    if (meaning === "crashed") {
      this.#books.counts.crashes += 1;
      if (begun.length === 0 && cause !== undefined) warnOfCrash(exit, cause);
    }
    // If other workers are left, they take the waiting calls. Otherwise the calls reject with the cause.
    if (meaning !== "start-failed" || this.#fleet.lanes.size > 0) return;
    for (const call of this.#dispatching.drain()) this.#books.reject(call, startError(call, exit, cause));
  }

  /** Rejects the calls that only this worker could have run, because it has ended. */
  strand(lane: Lane, whyGone: WhyGone = goneError): void {
    for (const call of lane.pinned.drain()) this.#books.reject(call, whyGone(call, lane.id));
  }

  /** The `timeoutMs` of the shutdown has passed: cancels every pending call, and kills every worker. @param locating calls that are not in the queue yet */
  endAll(locating: Iterable<Call>): void {
    const reason = new ExecutorShutdownError("The executor was shut down, and its timeoutMs passed before the call ended. Await the call before shutdown(), or raise timeoutMs.");
    for (const call of [...locating, ...this.#dispatching.drain()]) this.cancel(call, reason);
    for (const lane of [...this.#fleet.lanes, ...this.#fleet.leaving]) {
      this.#fleet.kill(lane);
      for (const call of [...lane.pinned.drain()]) this.cancel(call, reason);
      for (const call of lane.calls()) {
        lane.release(call);
        if (call.phase === "abandoned") call.finish();
        else this.#books.reject(call, call.blame(new CancelledError(`${call.name} was ended by the executor's shutdown`, { cause: reason })));
      }
    }
  }

  /** Stops a call with the error for its future: takes it out of the queue, or tells the worker. */
  #stop(call: Call, error: Error, reason: unknown): void {
    call.blame(error);
    const { lane } = call;
    if (call.phase === "sent" && lane!.takeBack(call)) return this.#books.reject(call, error);
    switch (call.stop(error)) {
      case "settle":
        return this.#books.reject(call, error);
      case "tell":
        return this.#tell(laneOf(call), call, error, reason);
      case "nothing":
    }
  }

  #tell(lane: Lane, call: Call, error: Error, reason: unknown): void {
    const { onCancel, graceMs } = call.options;
    if (onCancel !== "wait") this.#books.abandon(call, error);
    const atOnce = onCancel === "terminate" || graceMs === 0;
    if (atOnce && !lane.waits(call)) return this.#end(lane, call);
    lane.requestCancel(call, reason);
    if (atOnce || graceMs !== Infinity) this.#endAfter(atOnce ? SKIP_MS : graceMs, lane, call);
  }

  /**
   * Ends the worker if the call has not stopped after `ms`. The time begins when the worker has answered the calls
   * before this one, because the worker skips a call that was cancelled before its turn.
   */
  #endAfter(ms: number, lane: Lane, call: Call): void {
    const waited = lane.waits(call);
    call.graceTimer = this.#dispatching.world.after(ms, () => {
      if (lane.at(call.slot) !== call) return;
      if (waited) this.#endAfter(ms, lane, call);
      else this.#end(lane, call);
    });
  }

  /** Kills the worker of a call that does not stop. Its other calls go back to the queue. */
  #end(lane: Lane, culprit: Call): void {
    this.#fleet.kill(lane);
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = lane.takeBack(call) || (!lane.shared && call.sequence > culprit.sequence);
      lane.release(call);
      if (unbegun) this.requeue(call);
      else begun.push(call);
    }
    for (const call of begun) this.#crashed(call, { workerId: lane.id }, culprit.stopping);
    this.strand(lane);
    this.#dispatching.pump();
  }

  /** A worker has ended while it ran this call. */
  #crashed(call: Call, exit: WorkerExit, cause: unknown): void {
    if (call.phase !== "sent") return this.#books.stopped(call);
    call.crashes = [...call.crashes, exit];
    const error = crashError(call, exit, cause);
    if (error === undefined) this.requeue(call);
    else this.#books.reject(call, error);
  }
}
