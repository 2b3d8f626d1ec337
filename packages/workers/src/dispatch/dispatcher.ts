// The dispatcher: decides which call goes to which worker and when, starts and ends workers, and owns
// every call until it is settled.
//
//   submit ─▶ queue ─▶ pump ─▶ envelope ─▶ lane ─▶ worker
//                       ▲                            │
//              taken back, requeued        outcomes, exit ─▶ settle
//
// Whoever ends (a worker, a start, the executor itself), what it held is settled or queued again here.
import { CallTimeoutError, CancelledError, ExecutorShutdownError, InvalidOptionError, QueueFullError, type WorkerExit } from "../executor/errors.js";
import type { ShutdownOptions } from "../executor/executor.js";
import type { ChunkResult } from "../executor/map-calls.js";
import { onAbort } from "../executor/signal-hub.js";
import { callBack } from "../executor/user-callback.js";
import { channels } from "../observe/channels.js";
import { type Envelope, unpackThrown } from "../protocol/error-envelope.js";
import { type ChunkValue, OUTCOME_STRIDE, SKIPPED, VALUE } from "../protocol/messages.js";
import type { Call } from "./call.js";
import { CallBooks } from "./call-books.js";
import { CallQueue } from "./call-queue.js";
import { turnEnded } from "./caller-stack.js";
import { crashError, startError, warnOfCrash } from "./crash.js";
import { after, watchRun } from "./deadlines.js";
import { MESSAGE_MS, takeEnvelope } from "./envelope.js";
import { Fleet } from "./fleet.js";
import type { FunctionEntry } from "./function-entry.js";
import type { Lane, LaneOwner } from "./lane.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import { QueueRoom } from "./queue-room.js";
import { rebalance, SILENT_MS, takeFromSilent } from "./rebalance.js";
import { type Polled, Watch, WATCH_MS } from "./watch.js";
import type { WorkerKind } from "./worker-channel.js";

export class Dispatcher implements LaneOwner {
  readonly books: CallBooks;
  readonly fleet: Fleet;
  readonly #watch: Watch;
  readonly #options: ResolvedPoolOptions;
  readonly #queue = new CallQueue<Call>();
  readonly #room: QueueRoom;
  /** Calls whose function is being located. */
  readonly #locating = new Set<Call>();
  /** Calls in the queue that wait. */
  #waiting = 0;
  #pumpScheduled = false;
  /** Whether answers are being taken that belong together. */
  #gathering = false;
  /** Messages with outcomes that have come. */
  #answers = 0;
  #phase: "open" | "closing" | "closed" = "open";
  #rebalanceTimer: NodeJS.Timeout | undefined;

  constructor(kind: WorkerKind, options: ResolvedPoolOptions) {
    this.books = new CallBooks(kind.name, (call) => {
      if (call.phase === "queued") this.#waiting -= 1;
      else if (call.phase === "locating") this.#locating.delete(call);
      if (this.#room.awaited) this.#schedulePump();
    });
    this.#room = new QueueRoom(() => options.maxQueue - this.waiting + this.fleet.free);
    this.fleet = new Fleet(kind, options, this);
    this.#options = options;
    this.#watch = new Watch(() => this.#poll());
  }

  get waiting(): number {
    return this.#waiting + this.#locating.size;
  }

  get running(): number {
    return this.books.pending - this.waiting;
  }

  /** Has the first worker start while the function of a call is being located: both take milliseconds. */
  expect({ options: { signal } }: Call): void {
    if (this.fleet.lanes.size === 0 && this.#phase === "open" && signal?.aborted !== true) this.fleet.start();
  }

  /** Takes a call on. It settles from here on, whatever happens; `located` may still refuse its function. */
  submit(call: Call, located: FunctionEntry | Promise<FunctionEntry>): void {
    this.#take(call);
    if (call.settled) {
      if (located instanceof Promise) located.catch(() => {}); // the call has its error already
      return;
    }
    if (!(located instanceof Promise) && call.options.limiter === undefined) return this.#enqueue(call, located);
    this.#locating.add(call);
    this.#prepare(call, located).catch((error: unknown) => this.books.reject(call, error));
  }

  /** Books a call: from here on it settles. */
  #take(call: Call): void {
    this.books.enter(call);
    const { signal, queueTimeoutMs } = call.options;
    if (this.#phase !== "open") return this.books.reject(call, new ExecutorShutdownError());
    if (signal?.aborted) return void this.cancel(call, signal.reason);
    if (signal !== undefined) call.onSettled(onAbort(signal, () => this.cancel(call, signal.reason)));
    if (queueTimeoutMs !== Infinity) after(call, queueTimeoutMs, () => this.#queueTimedOut(call));
  }

  /** One call for each worker, which none but that worker runs. */
  submitToEach(entry: FunctionEntry, make: () => Call): Call[] {
    if (this.#phase === "open" && this.fleet.lanes.size === 0) this.fleet.start();
    return [...this.fleet.lanes].map((lane) => {
      const call = make();
      call.pinned = true;
      call.located(entry);
      this.#take(call);
      if (!call.settled) this.#send(lane, [call]);
      return call;
    });
  }

  /** Resolves when the queue has room for a call. */
  async ready(signal: AbortSignal | undefined): Promise<void> {
    if (this.#phase !== "open") throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      await this.#room.wait(signal);
    } finally {
      this.books.keepAlive.release();
    }
  }

  /** Resolves when there are `count` workers that are ready. */
  async warmUp(count: number): Promise<void> {
    if (!(Number.isInteger(count) && count >= 1)) throw new InvalidOptionError("workers", count, "an integer of 1 or more");
    if (this.#phase !== "open") throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      while (this.fleet.lanes.size < Math.min(count, this.#options.maxWorkers)) this.fleet.start();
      await Promise.all([...this.fleet.lanes].map((lane) => lane.started));
    } finally {
      this.books.keepAlive.release();
    }
  }

  async #prepare(call: Call, located: FunctionEntry | Promise<FunctionEntry>): Promise<void> {
    const entry = await located;
    const { limiter } = call.options;
    if (limiter !== undefined && !call.settled) {
      await limiter.acquire();
      if (call.settled) callBack(() => limiter.release());
      else call.limited = true;
    }
    if (this.#locating.delete(call)) this.#enqueue(call, entry);
  }

  /** Stops a call: the future's `cancel()`, and its signal. */
  cancel(call: Call, reason: unknown): boolean {
    if (call.settled || call.stopping !== undefined) return false;
    this.#stop(call, new CancelledError(`${call.name} was cancelled`, { cause: reason }), reason);
    return true;
  }

  async shutdown({ cancelPending = false, timeoutMs = Infinity }: ShutdownOptions = {}): Promise<void> {
    if (this.#phase === "open") this.#phase = "closing";
    this.#room.close(new ExecutorShutdownError());
    if (cancelPending) {
      const reason = new ExecutorShutdownError("The executor was shut down with cancelPending.");
      for (const call of [...this.#locating, ...this.#queue.drain()]) this.cancel(call, reason);
    }
    const timer = Number.isFinite(timeoutMs) ? setTimeout(() => this.#endAll(), timeoutMs) : undefined;
    await this.books.drained();
    await this.fleet.end();
    clearTimeout(timer);
    clearTimeout(this.#rebalanceTimer);
    this.books.keepAlive.end();
    this.#phase = "closed";
  }

  laneReady(lane: Lane): void {
    this.fleet.ready(lane);
    this.#pump();
  }

  laneSettled(lane: Lane, outcomes: unknown[], ms: readonly number[] | undefined): void {
    this.#answers += 1;
    for (let index = 0; index < outcomes.length; index += OUTCOME_STRIDE) {
      const head = outcomes[index] as number;
      const slot = head >> 2;
      const kind = head & 3;
      const call = lane.at(slot);
      if (call === undefined) continue;
      if (kind !== SKIPPED) call.ran(ms?.[index / OUTCOME_STRIDE] ?? lane.ranMs(slot)!);
      lane.release(call);
      this.#answered(call, kind === VALUE, outcomes[index + 1]);
    }
    this.fleet.wearOut(lane);
    if (this.#gathering) return;
    // Answers that came meanwhile are settled with it: what their callers ask next leaves together.
    this.#gathering = true;
    this.#poll();
    this.#gathering = false;
    for (const call of takeFromSilent(this.fleet.lanes, lane.heardAt)) this.#requeue(call);
    this.#pump();
    if (lane.idle) {
      this.#rebalance();
      this.fleet.sweepLater();
    }
  }

  /** Takes the answers that have come and wait for their turn of the event loop. */
  #poll(): Polled {
    const before = this.#answers;
    let outcome: Polled = "nothing";
    for (const lane of this.fleet.lanes) {
      if (lane.idle) continue;
      outcome = "expecting";
      lane.poll();
    }
    return this.#answers === before ? outcome : "found";
  }

  laneExited(lane: Lane, exit: WorkerExit, cause: unknown): void {
    const phase = this.fleet.exited(lane, exit, cause);
    if (phase === "gone") return;
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = phase === "starting" || lane.progress(call)?.state === "queued";
      lane.release(call);
      if (unbegun) this.#requeue(call);
      else begun.push(call);
    }
    for (const call of begun) this.#crashed(call, exit, cause);
    if (phase === "ready") {
      this.books.counts.crashes += 1;
      if (begun.length === 0 && cause !== undefined) warnOfCrash(exit, cause);
    }
    if (phase === "starting") this.#startFailed(exit, cause);
    this.#pump();
  }

  #enqueue(call: Call, entry: FunctionEntry): void {
    if (call.settled) return;
    const { maxQueue } = this.#options;
    if (this.#waiting >= maxQueue && this.#waiting - this.fleet.free >= maxQueue) return this.books.reject(call, new QueueFullError(call.name, maxQueue));
    call.located(entry);
    call.phase = "queued";
    this.#waiting += 1;
    this.#queue.push(call);
    // A call worth a message of its own need not wait for the end of the turn: it is one by itself.
    if ((call.forecastMs ?? 0) >= MESSAGE_MS && this.fleet.hasIdle) this.#endTurn();
    else this.#schedulePump();
  }

  /** Calls that are submitted in one turn leave together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    process.nextTick(this.#pumpNow);
  }

  readonly #pumpNow = (): void => {
    this.#pumpScheduled = false;
    this.#endTurn();
  };

  #endTurn(): void {
    turnEnded();
    this.#pump();
  }

  #pump(): void {
    this.#sendWaiting();
    if (this.#room.awaited) this.#room.offer();
  }

  #sendWaiting(): void {
    while (this.#waiting > 0) {
      const demand = { waiting: this.#waiting, expectedMs: this.#queue.peek()?.forecastMs };
      const lane = this.fleet.pick(demand);
      if (lane === undefined) return;
      const envelope = takeEnvelope(this.#queue, lane, this.fleet.share(demand));
      if (envelope.length === 0) return;
      this.#waiting -= envelope.length;
      this.#send(lane, envelope);
    }
  }

  #send(lane: Lane, envelope: readonly Call[]): void {
    for (const call of envelope) {
      call.phase = "sent";
      if (call.options.runTimeoutMs !== Infinity) watchRun(call, () => this.#runTimedOut(call));
    }
    if (channels.callSent.hasSubscribers) {
      for (const call of envelope) channels.callSent.publish({ ...this.books.event(call), workerId: lane.id, envelopeSize: envelope.length });
    }
    for (const [call, error] of lane.send(envelope)) {
      this.books.reject(call, call.blame(error));
      call.release();
    }
    if (lane.expectedMs < WATCH_MS) this.#watch.extend();
    this.fleet.wearOut(lane);
  }

  #answered(call: Call, fulfilled: boolean, value: unknown): void {
    call.release();
    if (call.phase === "abandoned") call.phase = "done";
    else if (fulfilled) this.books.fulfil(call, call.items === undefined ? value : unpackChunk(value as ChunkValue, call));
    else if (call.stopping !== undefined) this.books.reject(call, call.stopping);
    else this.books.reject(call, unpackThrown(value as Envelope, call.callerStack));
  }

  /** Stops a call with the error that its future shall have: takes it out of the queue, or asks the worker. */
  #stop(call: Call, error: Error, reason: unknown): void {
    call.blame(error);
    const { lane } = call;
    if (call.phase !== "sent" || lane === undefined) return this.books.reject(call, error);
    if (lane.takeBack(call)) return this.books.reject(call, error);
    call.stopping = error;
    const { onCancel, graceMs } = call.options;
    if (onCancel !== "wait") this.books.reject(call, error, "abandoned");
    if (onCancel === "terminate" || graceMs === 0) return this.#end(lane, call);
    lane.requestCancel(call, reason);
    if (Number.isFinite(graceMs)) call.graceTimer = setTimeout(() => lane.at(call.slot) === call && this.#end(lane, call), graceMs).unref();
  }

  /** Ends a worker because of a call that does not stop; its neighbours go back to the queue. */
  #end(lane: Lane, culprit: Call): void {
    const begun: Call[] = [];
    for (const call of lane.calls().reverse()) {
      const unbegun = lane.takeBack(call) || (!lane.shared && call.sequence > culprit.sequence);
      lane.release(call);
      if (unbegun) this.#requeue(call);
      else begun.push(call);
    }
    this.fleet.kill(lane);
    for (const call of begun) {
      if (call.stopping !== undefined) this.#answered(call, false, undefined);
      else this.#crashed(call, { workerId: lane.id }, culprit.stopping);
    }
    this.#pump();
  }

  /** Back to the front of the queue, as if it had never been sent. */
  #requeue(call: Call): void {
    if (call.phase === "abandoned" || call.stopping !== undefined) this.#answered(call, false, undefined);
    else if (call.pinned) this.#crashed(call, { workerId: call.lane!.id }, new Error("the worker that the call was meant for has ended"));
    else {
      if (channels.callRequeued.hasSubscribers) channels.callRequeued.publish({ ...this.books.event(call), workerId: call.lane!.id, crashes: call.crashes.length });
      call.phase = "queued";
      call.lane = undefined;
      this.#waiting += 1;
      this.#queue.unshift(call);
    }
  }

  #crashed(call: Call, exit: WorkerExit, cause: unknown): void {
    call.crashes = [...call.crashes, exit];
    if (call.settled || call.stopping !== undefined) return this.#answered(call, false, undefined);
    const error = crashError(call, exit, cause);
    if (error === undefined) return this.#requeue(call);
    call.release();
    this.books.reject(call, error);
  }

  /** With nobody left to run them, the waiting calls learn why; else those who are left go on. */
  #startFailed(exit: WorkerExit, cause: unknown): void {
    this.fleet.startFailed(() => this.#pump());
    if (this.fleet.lanes.size > 0) return;
    for (const call of this.#queue.drain()) this.books.reject(call, startError(call, exit, cause));
  }

  #queueTimedOut(call: Call): void {
    const begun = call.phase === "sent" && !call.lane!.takeBack(call);
    if (!begun && !call.settled) this.books.reject(call, call.blame(new CallTimeoutError("queue", call.options.queueTimeoutMs, call.name)));
  }

  #runTimedOut(call: Call): void {
    const error = new CallTimeoutError("run", call.options.runTimeoutMs, call.name);
    this.#stop(call, error, error.message);
  }

  #rebalance(): void {
    if (this.#waiting > 0) return;
    const found = rebalance(this.fleet.lanes);
    if (found === "nothing") return;
    if (found === "later") {
      this.#rebalanceTimer ??= setTimeout(() => {
        this.#rebalanceTimer = undefined;
        this.#rebalance();
      }, SILENT_MS).unref();
      return;
    }
    for (const call of found) this.#requeue(call);
    this.#pump();
  }

  /** The shutdown's time is over: everything pending is cancelled, and whoever runs it is ended. */
  #endAll(): void {
    const reason = new ExecutorShutdownError("The executor was shut down and its timeoutMs passed.");
    for (const call of [...this.#locating, ...this.#queue.drain()]) this.cancel(call, reason);
    for (const lane of [...this.fleet.lanes, ...this.fleet.leaving]) {
      for (const call of lane.calls()) {
        if (!call.settled) this.books.reject(call, call.blame(new CancelledError(`${call.name} was ended by the executor's shutdown`, { cause: reason })), "abandoned");
        clearTimeout(call.graceTimer);
      }
      this.fleet.kill(lane);
    }
  }
}

function unpackChunk({ values, failed, ms }: ChunkValue, call: Call): ChunkResult<unknown> {
  return { values, failed: failed && { error: unpackThrown(failed, call.callerStack) }, ms };
}
