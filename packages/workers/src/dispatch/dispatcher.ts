// The dispatcher decides which call goes to which worker and when. It owns every call until the call is done.
// fleet.ts starts and ends the workers.
//
//   submit ─▶ queue ─▶ pump ─▶ envelope ─▶ lane ─▶ worker
//                       ▲                            │
//              taken back, requeued        outcomes, exit ─▶ settle
//
// rescue.ts decides about calls that are stopped, and about calls whose worker ends.
import { runAs } from "../executor/caller-context.js";
import { checkOption, integer } from "../executor/check-options.js";
import { ExecutorShutdownError, QueueFullError, type WorkerExit } from "../executor/errors.js";
import { resolveShutdownOptions, type ShutdownOptions } from "../executor/shutdown-options.js";
import { onAbort } from "../executor/signal-hub.js";
import { inRoot } from "../executor/root-context.js";
import { channels } from "../executor/channels.js";
import { type FromWorker, OUTCOME_STRIDE, type OutcomeKind, PACKED, SKIPPED } from "../protocol/messages.js";
import { LoopSpin, type Polled, SPIN_MS } from "../protocol/loop-spin.js";
import { acquireRoom } from "./acquire-room.js";
import type { Call } from "./call.js";
import { BlockedWatch } from "./blocked-watch.js";
import { CallBooks } from "./call-books.js";
import { CallQueue } from "./call-queue.js";
import { turnEnded } from "../executor/caller-stack.js";
import { after, watchRun } from "./deadlines.js";
import { MESSAGE_MICROS, takeEnvelope } from "./envelope.js";
import { Fleet } from "./fleet.js";
import { FunctionProfile } from "./function-profile.js";
import { type Lane, laneOf, type LaneOwner } from "./lane.js";
import type { ExitMeaning } from "./lane-state.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import { QueueRoom } from "./queue-room.js";
import { Rescue } from "./rescue.js";
import { rebalance, SILENT_MS, takeFromSilent } from "./rebalance.js";
import type { WorkerKind } from "./worker-kind.js";
import { realWorld, type Timer, type World } from "./world.js";

export class Dispatcher implements LaneOwner {
  readonly books: CallBooks;
  readonly fleet: Fleet;
  readonly #world: World;
  readonly #spin: LoopSpin;
  readonly #options: ResolvedPoolOptions;
  readonly #queue = new CallQueue<Call>();
  readonly #room: QueueRoom;
  readonly #rescue: Rescue;
  readonly #blocked: BlockedWatch;
  /** Calls whose function is being located, or whose limiter has no room yet. */
  readonly #locating = new Set<Call>();
  /** The number of calls in the queue. */
  #waiting = 0;
  /** The number of pinned calls that wait for their worker. */
  #waitingPinned = 0;
  #pumpScheduled = false;
  /** Whether answers are being received together. */
  #gathering = false;
  /** The number of messages with outcomes that have arrived. */
  #answers = 0;
  #phase: "open" | "closing" | "closed" = "open";
  #rebalanceTimer: Timer | undefined;

  constructor(kind: WorkerKind, options: ResolvedPoolOptions, world: World = realWorld) {
    this.#world = world;
    this.books = new CallBooks({ executor: kind.name, executorName: options.name ?? kind.name }, (call) => {
      if (call.phase === "queued") this.#leftQueue(call);
      else if (call.phase === "locating") this.#locating.delete(call);
      if (this.#room.awaited) this.#schedulePump();
    }, world.now);
    this.#room = new QueueRoom(world, () => options.maxQueue - this.waiting + this.fleet.free);
    this.fleet = new Fleet(kind, options, this, world);
    this.#options = options;
    this.#blocked = new BlockedWatch({ world, lanes: () => this.fleet.lanes, needed: () => this.#waiting > 0 || this.fleet.hasBlocked, changed: () => this.#blockedChanged() });
    this.#spin = new LoopSpin({ poll: () => this.#poll(), mayStart: world.maySpin, now: world.now, nextTurn: world.nextTurn });
    this.#rescue = new Rescue({ books: this.books, fleet: this.fleet, world, putBack: (call) => this.#putBack(call), drain: () => this.#queue.drain(), pump: () => this.#pump() });
  }

  get waiting(): number {
    return this.#waiting + this.#waitingPinned + this.#locating.size;
  }

  get running(): number {
    return this.books.pending - this.waiting;
  }

  /** Starts the first worker while the function of a call is being located, because both take milliseconds. */
  expect({ options: { signal } }: Call): void {
    if (this.fleet.lanes.size === 0 && this.#phase === "open" && signal?.aborted !== true) this.fleet.start();
  }

  /** Accepts a call. From here on, the call settles in any case. `located` may still reject, because the function cannot travel. */
  submit(call: Call, located: FunctionProfile | Promise<FunctionProfile>): void {
    this.#take(call);
    if (call.settled) {
      if (!(located instanceof FunctionProfile)) located.catch(() => {}); // the call has its error already
      return;
    }
    this.#admit(call, located);
  }

  /** Enters a call into the books. */
  #take(call: Call): void {
    this.books.enter(call);
    const { signal, queueTimeoutMs } = call.options;
    if (this.#phase !== "open") return this.books.reject(call, new ExecutorShutdownError());
    if (signal?.aborted) return void this.cancel(call, signal.reason);
    if (signal !== undefined) call.onSettled(onAbort(signal, () => this.cancel(call, signal.reason)));
    if (queueTimeoutMs !== Infinity) after(this.#world, call, queueTimeoutMs, () => this.#rescue.queueTimedOut(call));
  }

  /** Makes one call for each worker. No other worker runs it. */
  submitToEach(profile: FunctionProfile, make: () => Call): Call[] {
    if (this.#phase === "open" && this.fleet.lanes.size === 0) this.fleet.start();
    return [...this.fleet.lanes].map((lane) => {
      const call = make();
      call.pinned = true;
      call.lane = lane;
      this.#take(call);
      if (!call.settled) this.#admit(call, profile);
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

  /** Resolves when `count` workers are ready. */
  async warmUp(count: number): Promise<void> {
    checkOption("warmUp()", "workers", count, integer(1));
    if (this.#phase !== "open") throw new ExecutorShutdownError();
    this.books.keepAlive.hold();
    try {
      while (this.fleet.lanes.size < Math.min(count, this.#options.maxWorkers)) this.fleet.start();
      await Promise.all([...this.fleet.lanes].map((lane) => lane.started));
    } finally {
      this.books.keepAlive.release();
    }
  }

  /** Puts a call into the queue when its function is located and its limiter has room. */
  #admit(call: Call, located: FunctionProfile | Promise<FunctionProfile>): void {
    if (located instanceof FunctionProfile) return call.options.limiter === undefined ? this.#enqueue(call, located) : this.#acquire(call, located);
    this.#locating.add(call);
    located.then(
      (profile) => this.#locating.delete(call) && this.#admit(call, profile),
      (error: unknown) => this.books.reject(call, error),
    );
  }

  #acquire(call: Call, profile: FunctionProfile): void {
    const acquired = (): void => {
      this.#locating.delete(call);
      this.#enqueue(call, profile);
    };
    if (acquireRoom(call, acquired, (error) => this.books.reject(call, error))) this.#locating.add(call);
  }

  /** Stops a call: the future's `cancel()`, and its signal. */
  cancel(call: Call, reason: unknown): boolean {
    return this.#rescue.cancel(call, reason);
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const { cancelPending, timeoutMs } = resolveShutdownOptions(options);
    if (this.#phase === "open") this.#phase = "closing";
    this.#room.close(new ExecutorShutdownError());
    if (cancelPending) {
      const reason = new ExecutorShutdownError("The executor was shut down with cancelPending. Await the call before shutdown(), or shut down without cancelPending.");
      for (const call of [...this.#locating, ...this.#queue.drain(), ...this.#drainPinned()]) this.cancel(call, reason);
    }
    this.books.keepAlive.hold();
    const timer = this.#world.after(timeoutMs, () => this.#rescue.endAll(this.#locating));
    await this.books.drained();
    await this.fleet.end();
    timer.stop();
    this.#blocked.end();
    this.#rebalanceTimer?.stop();
    this.books.keepAlive.release();
    this.books.keepAlive.end();
    this.#phase = "closed";
  }

  laneReady(lane: Lane): void {
    this.fleet.ready(lane);
    this.#pump();
  }

  laneSettled(lane: Lane, { outcomes, ms, begun }: FromWorker & { type: "settled" }): void {
    this.#answers += 1;
    this.fleet.proved();
    for (let index = 0; index < outcomes.length; index += OUTCOME_STRIDE) {
      const head = outcomes[index + 1] as number;
      const kind = (head & 7) as OutcomeKind;
      const call = lane.at(head >> 3);
      const ranMs = kind === SKIPPED ? 0 : (ms?.[index / OUTCOME_STRIDE] ?? lane.ranMs(head >> 3)!);
      if (call === undefined || call.id !== outcomes[index] || kind > PACKED || (kind === SKIPPED && call.phase === "sent") || !Number.isFinite(ranMs) || ranMs < 0) throw new Error(`Worker ${lane.id} answered a call that it was not given: other code writes to its port or socket. Send messages of your own through a port of your own.`);
      if (kind !== SKIPPED) {
        call.forecast(ranMs);
        this.books.run.add(ranMs);
        if (call.submittedAt !== undefined) call.ran = { begunAt: lane.begunAt(call.slot, begun?.[index / OUTCOME_STRIDE]) ?? this.#world.now() - ranMs, ms: ranMs };
      } else if (call.submittedAt !== undefined) call.sentAt = undefined;
      lane.release(call);
      this.books.answered(call, kind, outcomes[index + 2]);
    }
    this.#sendPinned(lane);
    if (lane.idle && this.fleet.hasBlocked) this.fleet.countBlocked();
    this.fleet.wearOut(lane);
    if (this.#gathering) return;
    // Answers that have arrived meanwhile are settled too, so that the next calls of their callers leave together.
    this.#gathering = true;
    try {
      this.#poll();
    } finally {
      this.#gathering = false;
    }
    for (const call of takeFromSilent(this.fleet.all, lane.heardAt)) this.#rescue.requeue(call);
    this.#pump();
    if (lane.idle) {
      this.#rebalance();
      this.fleet.sweepLater();
    }
  }

  laneRelieved(lane: Lane): void {
    this.#sendPinned(lane);
    this.fleet.endIfDone(lane);
    if (this.#waiting > 0) this.#schedulePump();
  }

  laneWorn(lane: Lane): void {
    this.fleet.replace(lane);
  }

  laneExited(lane: Lane, exited: ExitMeaning, exit: WorkerExit, cause: unknown): void {
    const meaning = exited === "crashed" ? this.fleet.meaningOfCrash(lane) : exited;
    this.fleet.exited(lane, meaning, exit, cause);
    if (meaning !== "nothing") this.#rescue.exited(lane, meaning, exit, cause);
    if (meaning === "start-failed") this.fleet.startFailed(() => this.#pump());
    this.#pump();
  }

  /** The calls behind a call that waits for this thread go to other workers: this thread may wait for one of them. */
  laneBlocked(lane: Lane): void {
    if (lane.waitsForCaller) for (const call of lane.calls().reverse()) if (!call.pinned && lane.takeBack(call)) this.#rescue.requeue(call);
    this.#blockedChanged();
  }

  #blockedChanged(): void {
    this.fleet.countBlocked();
    if (this.#waiting > 0) this.#schedulePump();
  }

  laneUnreadable(call: Call, error: Error): void {
    this.#rescue.refuse(call, error);
  }

  /** Receives the answers that have arrived and that the event loop has not delivered yet. */
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

  #enqueue(call: Call, profile: FunctionProfile): void {
    if (call.pinned) return this.#enqueuePinned(call, profile);
    const { maxQueue } = this.#options;
    if (this.#waiting >= maxQueue && this.#waiting - this.fleet.free >= maxQueue) return this.books.reject(call, new QueueFullError(call.name, maxQueue));
    if (call.queue(profile) === "nothing") return;
    this.#waiting += 1;
    this.#queue.push(call);
    // A call that runs as long as a message costs, or longer, does not wait for the end of the turn.
    if (call.forecastMicros >= MESSAGE_MICROS && this.fleet.hasIdle) inRoot(() => this.#endTurn());
    else this.#schedulePump();
  }

  /** The call waits for a free slot of its own worker, not in the common queue. */
  #enqueuePinned(call: Call, profile: FunctionProfile): void {
    if (call.queue(profile) === "nothing") return;
    const lane = laneOf(call);
    this.#waitingPinned += 1;
    lane.pinned.push(call);
    if (lane.phase === "closing" || lane.phase === "gone") this.#rescue.strand(lane);
    else this.#sendPinned(lane);
  }

  #sendPinned(lane: Lane): void {
    while (lane.vacancy > 0) {
      const call = lane.pinned.take();
      if (call === undefined) return;
      this.#waitingPinned -= 1;
      this.#send(lane, [call]);
    }
  }

  *#drainPinned(): Generator<Call> {
    for (const lane of this.fleet.all) yield* lane.pinned.drain();
  }

  #leftQueue(call: Call): void {
    if (call.pinned) this.#waitingPinned -= 1;
    else {
      this.#waiting -= 1;
      this.#queue.left(call);
    }
  }

  #putBack(call: Call): void {
    this.#waiting += 1;
    this.#queue.unshift(call);
  }

  /** Sends at the end of the turn, so that calls which are submitted in one turn leave together. */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    this.#world.soon(this.#pumpNow);
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
      const demand = { waiting: this.#waiting, expectedMicros: this.#queue.peek()?.forecastMicros ?? 0 };
      const lane = this.fleet.pick(demand);
      const envelope = lane === undefined ? [] : takeEnvelope(this.#queue, lane, this.fleet.share(demand));
      if (lane === undefined || envelope.length === 0) {
        if (this.#options.maxBlockedWorkers > 0) this.#blocked.begin();
        return;
      }
      this.#waiting -= envelope.length;
      this.#send(lane, envelope);
    }
    this.#blocked.leave();
  }

  #send(lane: Lane, envelope: readonly Call[]): void {
    for (const call of envelope) {
      call.send();
      if (call.submittedAt !== undefined) call.sentAt = this.#world.now();
      if (call.options.runTimeoutMs !== Infinity) watchRun(this.#world, call, { expired: () => this.#rescue.runTimedOut(call), neverBegan: () => this.#rescue.neverBegan(call) });
    }
    if (channels.callSent.hasSubscribers) {
      for (const call of envelope) runAs(call.context, () => channels.callSent.publish({ ...this.books.event(call), workerId: lane.id, envelopeSize: envelope.length, queuedMs: this.books.timesOf(call).queuedMs }));
    }
    for (const [call, error] of lane.send(envelope)) {
      this.books.reject(call, call.blame(error));
    }
    // The first call of the lane may run long, while no other worker answers.
    if (lane.shared && lane.held > 1) this.#rebalanceLater();
    if (envelope[0]!.profile?.blocks === true && this.#options.maxBlockedWorkers > 0) this.#sentBlocking(lane);
    if (lane.expectedMicros < SPIN_MS * 1_000) this.#spin.expect();
    this.fleet.wearOut(lane);
  }

  /** The function of the call was blocked before: the next calls need not wait for a look. */
  #sentBlocking(lane: Lane): void {
    lane.foundBlocked(true);
    this.fleet.countBlocked();
    this.#blocked.begin();
  }

  #rebalance(): void {
    if (this.#waiting > 0) return;
    const found = rebalance(this.fleet.all, this.#world.now());
    if (found === "nothing") return;
    if (found === "later") return this.#rebalanceLater();
    for (const call of found) this.#rescue.requeue(call);
    this.#pump();
  }

  #rebalanceLater(): void {
    this.#rebalanceTimer ??= this.#world.after(SILENT_MS, () => {
      this.#rebalanceTimer = undefined;
      this.#rebalance();
    });
  }
}
