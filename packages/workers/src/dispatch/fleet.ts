// The fleet: the workers of one pool. It starts them when there is work for them, ends those that
// idle, have served long enough or are told to, and says who gets the next envelope. Which calls go
// there, and what becomes of them, the dispatcher decides.
import type { WorkerExit } from "../executor/errors.js";
import { startTimer } from "../executor/timer.js";
import { channels } from "../observe/channels.js";
import { MESSAGE_MICROS, mayHoldNext, REFILL_BELOW_MICROS } from "./envelope.js";
import { Lane, type LaneOwner } from "./lane.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import type { WorkerKind } from "./worker-channel.js";

/** Less queued work than this many milliseconds is not worth the start of another worker. A guess: a start costs 10 to 50. */
const WORTH_A_START_MS = 2;

/** Milliseconds after a failed start before the next, doubled with each failure, up to the second number. */
const START_BACKOFF_MS = [10, 5_000] as const;

/** What waits in the queue, as far as the fleet is concerned. */
export interface Demand {
  readonly waiting: number;
  /** Expected run time of the call at the front, in microseconds; 0 where nobody knows. */
  readonly expectedMicros: number;
}

export class Fleet {
  readonly kind: WorkerKind;
  /** Those that take calls. */
  readonly lanes = new Set<Lane>();
  /** Those that only finish what they hold: worn, or closing. */
  readonly leaving = new Set<Lane>();
  started = 0;
  readonly #options: ResolvedPoolOptions;
  readonly #owner: LaneOwner;
  /** Workers that have been told to end, until they are gone. */
  readonly #ending = new Set<Promise<void>>();
  /** Those of them that hold no call: they have until then. */
  readonly #endTimers = new Map<Lane, NodeJS.Timeout>();
  #startFailures = 0;
  #startAfter = 0;
  #retryTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(kind: WorkerKind, options: ResolvedPoolOptions, owner: LaneOwner) {
    this.kind = kind;
    this.#options = options;
    this.#owner = owner;
  }

  /** Workers that could begin a call now: idle ones, and those that may still be started. */
  get free(): number {
    return this.#options.maxWorkers - this.lanes.size + this.#idle();
  }

  /** Whether a worker is ready and has nothing to do. */
  get hasIdle(): boolean {
    for (const lane of this.lanes) if (lane.idle && lane.phase === "ready") return true;
    return false;
  }

  /** How many of the waiting calls one worker should get: a burst is spread, but no thinner than a message is worth. */
  share(demand: Demand): number {
    const idle = this.#idle() + (this.#worthAStart(demand) ? this.#options.maxWorkers - this.lanes.size : 0);
    const even = Math.ceil(demand.waiting / (idle || Math.max(1, this.lanes.size)));
    return demand.expectedMicros === 0 ? even : Math.max(even, Math.floor(MESSAGE_MICROS / demand.expectedMicros));
  }

  /**
   * Who gets the next envelope: one that is awake and will be done before another could wake; the idle
   * worker that worked last (its caches are warm); a new one; or one that runs dry. Where a call that was
   * sent cannot be taken back, it stays in the queue until its worker is ready: it can still be cancelled
   * there, and its run time does not count the start.
   */
  pick(demand: Demand): Lane | undefined {
    let idle: Lane | undefined;
    let starting: Lane | undefined;
    let coming = 0;
    let refill: Lane | undefined;
    for (const lane of this.lanes) {
      if (!lane.idle) {
        if (lane.phase !== "ready" || lane.room === 0 || lane.silent) continue;
        if (demand.expectedMicros > 0 && lane.expectedMicros + demand.expectedMicros < MESSAGE_MICROS) return lane;
        if (lane.expectedMicros < (refill?.expectedMicros ?? REFILL_BELOW_MICROS) || (refill === undefined && mayHoldNext(lane))) refill = lane;
      } else if (lane.phase === "starting") {
        coming += 1;
        if (lane.shared) starting = lane;
      } else if (idle === undefined || lane.idleSince > idle.idleSince) idle = lane;
    }
    if (idle !== undefined || starting !== undefined) return idle ?? starting;
    for (; coming < demand.waiting && this.#worthAStart(demand); coming += 1) {
      const lane = this.start();
      if (lane.shared) return lane;
    }
    return refill;
  }

  start(): Lane {
    const lane = new Lane((this.started += 1), this.kind, this.#options, this.#owner);
    this.lanes.add(lane);
    if (channels.workerStarted.hasSubscribers) channels.workerStarted.publish({ workerId: lane.id, executor: this.kind.name });
    return lane;
  }

  ready(lane: Lane): void {
    this.#startFailures = 0;
    if (channels.workerReady.hasSubscribers) channels.workerReady.publish({ workerId: lane.id, executor: this.kind.name });
    this.sweepLater();
  }

  /** A worker has ended. @returns what it was doing: a lane that was told to end is `gone` or `closing` */
  exited(lane: Lane, exit: WorkerExit, cause: unknown): Lane["phase"] {
    const { phase } = lane;
    const expected = phase === "closing" || phase === "gone";
    if (channels.workerExited.hasSubscribers) channels.workerExited.publish({ workerId: lane.id, executor: this.kind.name, exit, expected, cause });
    lane.phase = "gone";
    clearTimeout(this.#endTimers.get(lane));
    this.#endTimers.delete(lane);
    this.lanes.delete(lane);
    this.leaving.delete(lane);
    return phase;
  }

  /**
   * A worker has answered: looks whether it has served long enough. It takes no more calls then, so that
   * its successor can start at once, and ends when it has answered what it holds.
   */
  wearOut(lane: Lane): void {
    if (lane.phase === "closing") return this.#limitEnd(lane);
    const { maxTasksPerWorker, maxWorkerAgeMs } = this.#options;
    lane.worn ||= lane.served >= maxTasksPerWorker || performance.now() - lane.startedAt >= maxWorkerAgeMs;
    if (!lane.worn || lane.phase !== "ready") return;
    this.lanes.delete(lane);
    this.leaving.add(lane);
    if (lane.idle) this.retire(lane);
  }

  /** A worker could not start: none is started for a while, and then `again` is called. */
  startFailed(again: () => void): void {
    const [first, most] = START_BACKOFF_MS;
    const backoffMs = Math.min(most, first * 2 ** this.#startFailures++);
    this.#startAfter = performance.now() + backoffMs;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(again, backoffMs).unref();
  }

  /** Ends a worker when it has answered what it holds. */
  retire(lane: Lane): void {
    this.lanes.delete(lane);
    this.leaving.add(lane);
    this.#track(lane.close());
    this.#limitEnd(lane);
  }

  /** Ends a worker now. */
  kill(lane: Lane): void {
    this.lanes.delete(lane);
    this.leaving.delete(lane);
    this.#track(lane.kill());
  }

  /** Ends workers that have been idle for long, looking no more often than it takes. */
  sweepLater(): void {
    const { idleTimeoutMs, minWorkers } = this.#options;
    if (this.#idleTimer !== undefined || !Number.isFinite(idleTimeoutMs) || this.lanes.size <= minWorkers) return;
    this.#idleTimer = startTimer(Math.max(1, idleTimeoutMs / 2), () => {
      this.#idleTimer = undefined;
      const since = performance.now() - idleTimeoutMs;
      const stale = [...this.lanes].filter((lane) => lane.idle && lane.phase === "ready" && lane.idleSince <= since);
      for (const lane of stale.sort((a, b) => a.idleSince - b.idleSince)) if (this.lanes.size > minWorkers) this.retire(lane);
      this.sweepLater();
    }).unref();
  }

  /** Ends all workers and resolves when the last is gone. */
  async end(): Promise<void> {
    for (const lane of [...this.lanes, ...this.leaving]) if (lane.phase !== "closing") this.retire(lane);
    while (this.#ending.size > 0) await Promise.all(this.#ending);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#idleTimer);
  }

  /** Once it holds no call, a worker that was told to end has so long, whatever user code still does there. */
  #limitEnd(lane: Lane): void {
    const { closeTimeoutMs } = this.#options;
    if (!lane.idle || !Number.isFinite(closeTimeoutMs)) return;
    this.#endTimers.set(lane, startTimer(closeTimeoutMs, () => this.kill(lane)).unref());
  }

  #idle(): number {
    let idle = 0;
    for (const lane of this.lanes) if (lane.idle) idle += 1;
    return idle;
  }

  #worthAStart({ waiting, expectedMicros }: Demand): boolean {
    if (this.lanes.size >= this.#options.maxWorkers) return false;
    if (this.lanes.size === 0) return true;
    if (performance.now() < this.#startAfter) return false;
    return expectedMicros === 0 || expectedMicros * waiting > WORTH_A_START_MS * 1_000;
  }

  #track(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}
