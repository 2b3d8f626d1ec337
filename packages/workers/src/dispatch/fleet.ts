// The fleet: the workers of one pool. It starts workers when there is work for them. It ends workers that have been
// idle or have served long enough. It picks the lane for the next envelope. The dispatcher decides which calls are in it.
import type { WorkerExit } from "../executor/errors.js";
import { inRoot } from "../executor/root-context.js";
import { channels } from "../executor/channels.js";
import { MESSAGE_MICROS, mayHoldNext, REFILL_BELOW_MICROS } from "./envelope.js";
import { STUCK_MS } from "./crash.js";
import { Lane, type LaneOwner } from "./lane.js";
import type { ExitMeaning } from "./lane-state.js";
import type { ResolvedPoolOptions } from "./pool-options.js";
import type { WorkerKind } from "./worker-kind.js";
import type { Timer, World } from "./world.js";

/** The queued work for which another worker is started, in milliseconds. A guess: a start takes 10 to 50 ms. */
const WORTH_A_START_MS = 2;

/** Milliseconds between a failed start and the next start. Each further failure doubles them. A guess: about the time of a start. */
export const SMALLEST_START_BACKOFF_MS = 10;

/** The number of workers in a row that may exit before they have begun a call. A guess: more than by chance. */
const FRUITLESS_STARTS = 3;

/** The longest time between two starts, so that a pool recovers within seconds when the cause is removed. A guess. */
export const LARGEST_START_BACKOFF_MS = 5_000;

/** The number of looks for idle workers within `idleTimeoutMs`. A worker thus ends at most half of that time late. */
const LOOKS_PER_IDLE_TIMEOUT = 2;

/** The shortest time between two looks, in milliseconds: an `idleTimeoutMs` of 0 must not keep the event loop busy. */
const SHORTEST_LOOK_MS = 1;

/** The largest number of workers of a pool, blocked ones included. */
const MOST_WORKERS = 1_024;

/** The state of the queue that the fleet decides by. */
export interface Demand {
  readonly waiting: number;
  /** Expected run time of the call at the front, in microseconds; 0 before its function has been measured. */
  readonly expectedMicros: number;
}

export class Fleet {
  readonly kind: WorkerKind;
  /** Lanes that take calls. */
  readonly lanes = new Set<Lane>();
  /** Lanes that only finish what they hold: worn, or closing. */
  readonly leaving = new Set<Lane>();
  started = 0;
  /** The name of the pool. */
  readonly name: string;
  readonly #options: ResolvedPoolOptions;
  readonly #owner: LaneOwner;
  readonly #world: World;
  /** Every lane whose worker has not exited. The exit alone counts: a killed worker may take time to end. */
  readonly #alive = new Set<Lane>();
  /** Resolve when the last worker has exited. */
  readonly #ended: (() => void)[] = [];
  /** End closing workers that take too long. */
  readonly #endTimers = new Map<Lane, Timer>();
  /** Workers that wait for functions of this thread. */
  #waiting = 0;
  /** The number of further workers that may run calls, because others are blocked. */
  #extra = 0;
  #startFailures = 0;
  /** Workers in a row that exited by themselves before they had begun a call that was sent to them. */
  #fruitless = 0;
  #startAfter = 0;
  #retryTimer: Timer | undefined;
  #idleTimer: Timer | undefined;

  constructor(kind: WorkerKind, options: ResolvedPoolOptions, owner: LaneOwner, world: World) {
    this.kind = kind;
    this.name = options.name ?? kind.name;
    this.#options = options;
    this.#owner = owner;
    this.#world = world;
  }

  /** Lanes that may hold calls: a worker that takes no more calls can still give back those that it has not begun. */
  get all(): Iterable<Lane> {
    return this.leaving.size === 0 ? this.lanes : [...this.lanes, ...this.leaving];
  }

  /** See `ExecutorStats.utilization`. */
  get utilization(): number {
    let age = 0;
    let busy = 0;
    for (const lane of this.lanes) {
      age += this.#world.now() - lane.startedAt;
      busy += lane.busyForMs;
    }
    return age === 0 ? 0 : Math.min(1, busy / age);
  }

  /** The number of workers that could begin a call now: idle workers, and workers that may still be started. */
  get free(): number {
    return Math.max(0, this.#mostBusy - this.lanes.size + this.#idle());
  }

  /** Whether a worker is ready and has nothing to do. */
  get hasIdle(): boolean {
    for (const lane of this.lanes) if (lane.idle && lane.phase === "ready") return true;
    return false;
  }

  /** The number of workers that may be there: blocked workers do not count against `maxWorkers`. */
  get #most(): number {
    return this.#options.maxWorkers + this.#extra;
  }

  /** Whether more than `maxWorkers` workers may run, because some are blocked. */
  get hasBlocked(): boolean {
    return this.#extra > 0;
  }

  /** Counts the blocked workers, after one has become blocked or is no longer. */
  countBlocked(): void {
    const { maxWorkers, maxBlockedWorkers } = this.#options;
    let waiting = 0;
    let blocked = 0;
    for (const lane of this.all) {
      if (lane.waitsForCaller) waiting += 1;
      else if (lane.blocked) blocked += 1;
    }
    this.#waiting = waiting;
    this.#extra = Math.min(MOST_WORKERS - maxWorkers, waiting + Math.min(blocked, maxBlockedWorkers));
  }

  /** The number of lanes in `lanes` that may hold calls. A worn worker that still runs a call counts until it is done. */
  get #mostBusy(): number {
    let most = this.#most;
    for (const lane of this.leaving) if (!lane.idle) most -= 1;
    return most;
  }

  /** The number of waiting calls for one worker. A burst spreads over all workers, but each envelope holds enough work for its message. */
  share(demand: Demand): number {
    const idle = this.#idle() + (this.#worthAStart(demand) ? this.#most - this.lanes.size : 0);
    const even = Math.ceil(demand.waiting / (idle || Math.max(1, this.lanes.size)));
    return demand.expectedMicros === 0 ? even : Math.max(even, Math.floor(MESSAGE_MICROS / demand.expectedMicros));
  }

  /**
   * Picks the lane for the next envelope, in this order:
   * 1. a busy worker that will be done sooner than another worker could wake up;
   * 2. the idle worker that worked last, because its caches are warm;
   * 3. a new worker;
   * 4. the busy worker with the least expected work.
   *
   * Without shared memory a call stays in the queue until its worker is ready, because a call that was sent
   * cannot be taken back. In the queue it can still be cancelled, and the start does not count as run time.
   */
  pick(demand: Demand): Lane | undefined {
    let idle: Lane | undefined;
    let starting: Lane | undefined;
    let coming = 0;
    let busy = 0;
    let refill: Lane | undefined;
    for (const lane of this.lanes) {
      if (!lane.idle) {
        busy += 1;
        if (lane.phase !== "ready" || lane.room <= 0 || lane.waitsForCaller) continue;
        if (demand.expectedMicros > 0 && lane.expectedMicros + demand.expectedMicros < MESSAGE_MICROS) return lane;
        if (lane.expectedMicros < (refill?.expectedMicros ?? REFILL_BELOW_MICROS) || (refill === undefined && mayHoldNext(lane))) refill = lane;
      } else if (lane.phase === "starting") {
        coming += 1;
        if (lane.shared) starting = lane;
      } else if (idle === undefined || lane.idleSince > idle.idleSince) idle = lane;
    }
    const mayBegin = busy < this.#mostBusy;
    if (mayBegin && (idle ?? starting) !== undefined) return idle ?? starting;
    for (; coming < demand.waiting && this.#worthAStart(demand); coming += 1) {
      const lane = this.start();
      if (mayBegin && lane.shared) return lane;
    }
    return refill;
  }

  /** In the root context: a worker outlives the call that it is started for. */
  start(): Lane {
    return inRoot(() => {
      const lane = new Lane((this.started += 1), this.kind, this.#options, this.#owner, this.#world);
      this.lanes.add(lane);
      this.#alive.add(lane);
      if (channels.workerStarted.hasSubscribers) channels.workerStarted.publish({ workerId: lane.id, executor: this.kind.name, executorName: this.name });
      return lane;
    });
  }

  ready(lane: Lane): void {
    if (this.#fruitless === 0) this.#startFailures = 0;
    if (channels.workerReady.hasSubscribers) channels.workerReady.publish({ workerId: lane.id, executor: this.kind.name, executorName: this.name });
    if (!lane.idle) this.wearOut(lane); // calls were sent to it while it started
    this.sweepLater();
  }

  /** A worker has exited. */
  exited(lane: Lane, meaning: ExitMeaning, exit: WorkerExit, cause: unknown): void {
    const expected = meaning === "closed" || meaning === "nothing";
    if (channels.workerExited.hasSubscribers) channels.workerExited.publish({ workerId: lane.id, executor: this.kind.name, executorName: this.name, exit, expected, cause });
    this.lanes.delete(lane);
    this.leaving.delete(lane);
    this.#forget(lane);
  }

  #forget(lane: Lane): void {
    this.#endTimers.get(lane)?.stop();
    this.#endTimers.delete(lane);
    this.#alive.delete(lane);
    if (this.#alive.size === 0) for (const resolve of this.#ended.splice(0)) resolve();
  }

  /**
   * Checks whether the worker of a lane has served long enough, after it was sent calls or has answered some.
   * A worn lane takes no further calls and ends when it is idle. Its successor can start at once.
   */
  wearOut(lane: Lane): void {
    const { maxTasksPerWorker, maxWorkerAgeMs } = this.#options;
    if (lane.served >= maxTasksPerWorker || (maxWorkerAgeMs !== Infinity && this.#world.now() - lane.readyAt >= maxWorkerAgeMs)) this.replace(lane);
    else this.endIfDone(lane);
  }

  /** The worker has served long enough. */
  replace(lane: Lane): void {
    if (lane.wear() === "leave") {
      this.lanes.delete(lane);
      this.leaving.add(lane);
    }
    this.endIfDone(lane);
  }

  /** A worker has answered a call. */
  proved(): void {
    this.#fruitless = 0;
  }

  /**
   * The meaning of the exit of a worker that was ready. If several end before they have begun a call, the next one would
   * too, for example because their set-up leaves something behind that throws. Then they count as not started.
   */
  meaningOfCrash(lane: Lane): ExitMeaning {
    if (lane.idle || lane.unreadable || !lane.calls().every((call) => lane.unbegun(call))) return "crashed";
    return ++this.#fruitless < FRUITLESS_STARTS ? "crashed" : "start-failed";
  }

  /** A worker could not start. The fleet starts none for a while, and calls `again` after that. */
  startFailed(again: () => void): void {
    const backoffMs = Math.min(LARGEST_START_BACKOFF_MS, SMALLEST_START_BACKOFF_MS * 2 ** this.#startFailures++);
    this.#startAfter = this.#world.now() + backoffMs;
    this.#retryTimer?.stop();
    this.#retryTimer = this.#world.after(backoffMs, again);
  }

  /** Ends a worker when it has answered its calls. */
  retire(lane: Lane): void {
    this.lanes.delete(lane);
    this.leaving.add(lane);
    lane.close();
    this.#limitEnd(lane);
  }

  /** Ends a worker at once. A worker that does not end all the same is waited for no longer than `STUCK_MS`. */
  kill(lane: Lane): void {
    this.lanes.delete(lane);
    this.leaving.delete(lane);
    this.#endTimers.get(lane)?.stop();
    if (this.#alive.has(lane)) this.#endTimers.set(lane, this.#world.after(STUCK_MS, () => this.#giveUp(lane)));
    lane.kill();
  }

  #giveUp(lane: Lane): void {
    process.emitWarning(`Worker ${lane.id} does not end: it waits in a system call that Node cannot interrupt, such as execSync or the opening of a pipe. The pool goes on without it. Give such calls a time limit of their own.`, { code: "OFFLOOP_WORKER_STUCK" });
    this.#forget(lane);
  }

  /** Ends workers that have been idle for `idleTimeoutMs`. A timer runs only while there are workers that it could end. */
  sweepLater(): void {
    const { idleTimeoutMs, minWorkers } = this.#options;
    if (this.#idleTimer !== undefined || !Number.isFinite(idleTimeoutMs) || this.lanes.size <= minWorkers) return;
    this.#idleTimer = this.#world.after(Math.max(SHORTEST_LOOK_MS, idleTimeoutMs / LOOKS_PER_IDLE_TIMEOUT), () => {
      this.#idleTimer = undefined;
      const since = this.#world.now() - idleTimeoutMs;
      const stale = [...this.lanes].filter((lane) => lane.idle && lane.phase === "ready" && lane.idleSince <= since);
      for (const lane of stale.sort((a, b) => a.idleSince - b.idleSince)) if (this.lanes.size > minWorkers) this.retire(lane);
      this.sweepLater();
    });
  }

  /** Ends all workers, and resolves when the last one has exited, or does not end within `STUCK_MS` of its kill. */
  async end(): Promise<void> {
    while (this.#alive.size > 0) {
      for (const lane of [...this.lanes, ...this.leaving]) if (lane.phase !== "closing") this.retire(lane);
      await new Promise<void>((resolve) => this.#ended.push(resolve));
    }
    this.#retryTimer?.stop();
    this.#idleTimer?.stop();
  }

  /** Ends a worn worker that holds no more calls. Limits the time of a worker that is closing. */
  endIfDone(lane: Lane): void {
    if (!lane.idle) return;
    if (lane.phase === "worn") this.retire(lane);
    else if (lane.phase === "closing") this.#limitEnd(lane);
  }

  /** A closing worker that holds no call has `closeTimeoutMs` to exit, also if user code keeps it busy. */
  #limitEnd(lane: Lane): void {
    const { closeTimeoutMs } = this.#options;
    if (!lane.idle || this.#endTimers.has(lane)) return;
    this.#endTimers.set(lane, this.#world.after(closeTimeoutMs, () => this.kill(lane)));
  }

  #idle(): number {
    let idle = 0;
    for (const lane of this.lanes) if (lane.idle) idle += 1;
    return idle;
  }

  #worthAStart({ waiting, expectedMicros }: Demand): boolean {
    if (this.lanes.size >= this.#most) return false;
    if (this.lanes.size <= this.#waiting) return true; // no other worker will ever take the call
    if (this.#world.now() < this.#startAfter) return false;
    return expectedMicros === 0 || expectedMicros * waiting > WORTH_A_START_MS * 1_000;
  }
}
