// What becomes of calls that do not go their way: those that are stopped, and those whose worker ends.
// Each settles, or goes back to the queue unharmed; none is lost.
import { CallTimeoutError, CancelledError, ExecutorShutdownError, type WorkerExit } from "../executor/errors.js";
import { startTimer } from "../executor/timer.js";
import { channels } from "../observe/channels.js";
import type { Call } from "./call.js";
import type { CallBooks } from "./call-books.js";
import { crashError, startError, warnOfCrash } from "./crash.js";
import type { Fleet } from "./fleet.js";
import type { Lane } from "./lane.js";

/** What the dispatcher lends. */
export interface Dispatching {
  readonly books: CallBooks;
  readonly fleet: Fleet;
  /** To the front of the queue. */
  putBack(call: Call): void;
  /** Takes all waiting calls out of the queue. */
  drain(): Iterable<Call>;
  /** Sends what waits, as far as there is room. */
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
    if (call.settled || call.stopping !== undefined) return false;
    this.#stop(call, new CancelledError(`${call.name} was cancelled`, { cause: reason }), reason);
    return true;
  }

  queueTimedOut(call: Call): void {
    const begun = call.phase === "sent" && !call.lane!.takeBack(call);
    if (!begun && !call.settled) this.#books.reject(call, call.blame(new CallTimeoutError("queue", call.options.queueTimeoutMs, call.name)));
  }

  runTimedOut(call: Call): void {
    const error = new CallTimeoutError("run", call.options.runTimeoutMs, call.name);
    this.#stop(call, error, error.message);
  }

  /** Back to the front of the queue, as if it had never been sent. */
  requeue(call: Call): void {
    if (call.phase === "abandoned" || call.stopping !== undefined) this.#books.answered(call, false, undefined);
    else if (call.pinned) this.#crashed(call, { workerId: call.lane!.id }, new Error("the worker that the call was meant for has ended"));
    else {
      if (channels.callRequeued.hasSubscribers) channels.callRequeued.publish({ ...this.#books.event(call), workerId: call.lane!.id, crashes: call.crashes.length });
      call.phase = "queued";
      call.lane = undefined;
      this.#dispatching.putBack(call);
    }
  }

  /** A worker has ended by itself. @param phase what it was doing */
  exited(lane: Lane, phase: Lane["phase"], exit: WorkerExit, cause: unknown): void {
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = phase === "starting" || lane.progress(call)?.state === "queued";
      lane.release(call);
      if (unbegun) this.requeue(call);
      else begun.push(call);
    }
    for (const call of begun) this.#crashed(call, exit, cause);
    if (phase === "ready") {
      this.#books.counts.crashes += 1;
      if (begun.length === 0 && cause !== undefined) warnOfCrash(exit, cause);
    }
    // With nobody left to run them, the waiting calls learn why; else those who are left go on.
    if (phase !== "starting" || this.#fleet.lanes.size > 0) return;
    for (const call of this.#dispatching.drain()) this.#books.reject(call, startError(call, exit, cause));
  }

  /** The shutdown's time is over: everything pending is cancelled, and whoever runs it is ended. @param locating calls that are not in the queue yet */
  endAll(locating: Iterable<Call>): void {
    const reason = new ExecutorShutdownError("The executor was shut down and its timeoutMs passed.");
    for (const call of [...locating, ...this.#dispatching.drain()]) this.cancel(call, reason);
    for (const lane of [...this.#fleet.lanes, ...this.#fleet.leaving]) {
      for (const call of lane.calls()) {
        if (!call.settled) this.#books.reject(call, call.blame(new CancelledError(`${call.name} was ended by the executor's shutdown`, { cause: reason })), "abandoned");
        clearTimeout(call.graceTimer);
      }
      this.#fleet.kill(lane);
    }
  }

  /** Stops a call with the error that its future shall have: takes it out of the queue, or asks the worker. */
  #stop(call: Call, error: Error, reason: unknown): void {
    call.blame(error);
    const { lane } = call;
    if (call.phase !== "sent" || lane === undefined) return this.#books.reject(call, error);
    if (lane.takeBack(call)) return this.#books.reject(call, error);
    call.stopping = error;
    const { onCancel, graceMs } = call.options;
    if (onCancel !== "wait") this.#books.reject(call, error, "abandoned");
    if (onCancel === "terminate" || graceMs === 0) return this.#end(lane, call);
    lane.requestCancel(call, reason);
    if (Number.isFinite(graceMs)) call.graceTimer = startTimer(graceMs, () => lane.at(call.slot) === call && this.#end(lane, call)).unref();
  }

  /** Ends a worker because of a call that does not stop; its neighbours go back to the queue. */
  #end(lane: Lane, culprit: Call): void {
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = lane.takeBack(call) || (!lane.shared && call.sequence > culprit.sequence);
      lane.release(call);
      if (unbegun) this.requeue(call);
      else begun.push(call);
    }
    this.#fleet.kill(lane);
    for (const call of begun) {
      if (call.stopping !== undefined) this.#books.answered(call, false, undefined);
      else this.#crashed(call, { workerId: lane.id }, culprit.stopping);
    }
    this.#dispatching.pump();
  }

  #crashed(call: Call, exit: WorkerExit, cause: unknown): void {
    call.crashes = [...call.crashes, exit];
    if (call.settled || call.stopping !== undefined) return this.#books.answered(call, false, undefined);
    const error = crashError(call, exit, cause);
    if (error === undefined) return this.requeue(call);
    call.release();
    this.#books.reject(call, error);
  }
}
