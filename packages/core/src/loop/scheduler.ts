// The scheduler: one ready queue and one heap of timers, pumped on Node's own loop. The microtask queue is
// drained between two handles, so the code that a handle wakes runs with that handle.
//
//   callSoon ─▶ ready ─▶ pump: handle, microtasks, handle, microtasks, …  ─▶ setImmediate, for I/O
//   callAt ─▶ heap ─▶ the clock's alarm ─▶ ready
//
// A pass runs the handles that were ready when it began, like an iteration of asyncio's loop. The thread's
// default loop pumps whenever a handle is ready; any other loop only while it is being run.
import { rootContext } from "@offloop/workers/executor";
import { refillBudget } from "./await-budget.js";
import type { Clock } from "./clock.js";
import type { TimerHandle } from "./handle.js";
import type { EventLoop } from "./host.js";
import type { Job } from "./job.js";
import { ReadyQueue } from "./ready-queue.js";
import { clearInterval, nextTick, now, queueMicrotask, setImmediate, setInterval } from "./real-time.js";
import { setPumping } from "./running-loop.js";
import { enterHandle, leaveHandle } from "./running-handle.js";
import { TimerHeap } from "./timer-heap.js";

/** The largest number of passes over the ready queue in one turn of Node's loop. Then Node performs I/O. */
const PASSES_PER_TURN = 16;
/** Milliseconds after which a turn ends. A guess: a compromise between the accuracy of timers and the cost of a turn. */
const TURN_MS = 10;
/** The number of handles between two reads of the clock within a turn. */
const HANDLES_PER_LOOK = 32;

/** The options of a scheduler, and the functions that it calls. */
export interface SchedulerOptions {
  readonly clock: Clock;
  /** Whether it pumps whenever a handle is ready, without being run. */
  readonly auto: boolean;
  /** Shuffles the handles of each pass. */
  readonly random?: (() => number) | undefined;
  onError(error: unknown, job: Job): void;
  readonly loop: EventLoop;
}

/** Runs the handles of one loop. It knows neither futures nor tasks. */
export class Scheduler {
  /** In debug mode: handles that take longer, including their microtasks, are passed to `onSlow`. */
  slowMs = Infinity;
  onSlow: (job: Job, durationMs: number) => void = () => {};

  /** The number of awaits between two turns of the loop that may find their result ready; see await-budget.ts. */
  awaitBudget = Infinity;

  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #ready = new ReadyQueue<Job>();
  readonly #timers = new TimerHeap();
  /** `idle`: nothing is ready, or the loop is not run. `scheduled`: a turn is requested. `pumping`: a turn is running. */
  #state: "idle" | "scheduled" | "pumping" = "idle";
  #running = false;
  #stopping = false;
  #stopped: (() => void) | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #left = 0;
  #passes = 0;
  #looks = 0;
  #turnEnds = 0;
  #job: Job | undefined;
  #jobStarted = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  get running(): boolean {
    return this.#running;
  }

  schedule(job: Job): void {
    this.#ready.push(job);
    if (this.#state === "idle") this.#comeSoon();
  }

  scheduleAt(handle: TimerHandle): void {
    handle.onCancel = this.#timerCancelled;
    this.#timers.push(handle);
    if (this.#state === "idle") this.#setAlarm();
  }

  /** Pumps until `stop`. @param keepAlive whether it keeps the process alive with nothing to do */
  run(keepAlive: boolean): Promise<void> {
    this.#running = true;
    if (keepAlive) this.#keepAlive = setInterval(() => {}, 2 ** 30);
    const stopped = new Promise<void>((resolve) => (this.#stopped = resolve));
    if (this.#state === "idle") this.#comeSoon();
    return stopped;
  }

  /** Ends `run` after the current pass, or after the first pass of the next run. */
  stop(): void {
    this.#stopping = true;
    if (this.#running && this.#state === "idle") this.#comeSoon();
  }

  /** Drops all scheduled jobs and timers. */
  clear(): void {
    while (this.#ready.shift() !== undefined);
    this.#left = 0;
    this.#timers.clear();
    this.#clock.setRef(false);
  }

  /** The condition of an alarm has changed. */
  recheck(): void {
    if (this.#state === "idle") this.#setAlarm();
  }

  #comeSoon(): void {
    if (!this.#options.auto && !this.#running) return;
    this.#state = "scheduled";
    rootContext.runInAsyncScope(setImmediate, undefined, this.#turn);
  }

  #turn = (): void => {
    const began = now();
    this.#state = "pumping";
    this.#passes = 0;
    this.#looks = 0;
    this.#turnEnds = began + TURN_MS;
    if (this.#left === 0) this.#beginPass();
    this.#step();
  };

  #beginPass(): void {
    this.#passes += 1;
    if (this.#timers.live > 0) {
      const time = this.#clock.now();
      for (let due = this.#timers.takeDue(time); due !== undefined; due = this.#timers.takeDue(time)) {
        due.onCancel = undefined;
        this.#ready.push(due);
      }
    }
    this.#left = this.#ready.length;
    if (this.#options.random !== undefined) this.#ready.shuffle(this.#options.random);
  }

  #step = (): void => {
    if (this.#job !== undefined) this.#endJob(this.#job);
    for (;;) {
      if (this.#left === 0) {
        if (this.#stopping) return this.#finish();
        if (this.#passes >= PASSES_PER_TURN) return this.#pause();
        this.#beginPass();
        if (this.#left === 0) return this.#pause();
      }
      this.#looks += 1;
      if (this.#looks % HANDLES_PER_LOOK === 0 && now() > this.#turnEnds) return this.#pause();
      this.#left -= 1;
      const job = this.#ready.shift()!;
      if (job.cancelled()) continue;
      this.#runJob(job);
      // The microtasks of the handle, and those that they queue, run first.
      queueMicrotask(this.#hop);
      return;
    }
  };

  #hop = (): void => nextTick(this.#step);

  #runJob(job: Job): void {
    this.#job = job;
    refillBudget(this.awaitBudget);
    enterHandle(job);
    if (this.slowMs !== Infinity) this.#jobStarted = now();
    setPumping(this.#options.loop);
    try {
      job.run();
    } catch (error) {
      this.#options.onError(error, job);
    } finally {
      setPumping(undefined); // the microtasks that the job wakes may belong to other code
    }
  }

  #endJob(job: Job): void {
    leaveHandle();
    this.#job = undefined;
    if (this.slowMs === Infinity) return;
    const durationMs = now() - this.#jobStarted;
    if (durationMs >= this.slowMs) this.onSlow(job, durationMs);
  }

  /** Returns control to Node until a handle is ready. */
  #pause(): void {
    this.#state = "idle";
    if (this.#ready.length > 0 || this.#stopping) this.#comeSoon();
    else this.#setAlarm();
  }

  #finish(): void {
    this.#stopping = false;
    this.#running = false;
    clearInterval(this.#keepAlive);
    this.#state = "idle";
    if (this.#options.auto && this.#ready.length > 0) this.#comeSoon();
    else this.#setAlarm();
    this.#stopped?.();
  }

  #setAlarm(): void {
    if (!this.#options.auto && !this.#running) return this.#clock.setRef(false);
    const when = this.#timers.nextWhen();
    if (when === undefined) return this.#clock.setRef(false);
    this.#clock.wakeAt(when, this.#alarm);
    this.#clock.setRef(true);
  }

  #alarm = (): void => {
    if (this.#state !== "idle" || (!this.#options.auto && !this.#running)) return;
    const when = this.#timers.nextWhen();
    if (when === undefined) return;
    if (when <= this.#clock.now()) this.#turn();
    else this.#setAlarm();
  };

  #timerCancelled = (): void => {
    this.#timers.noteCancelled();
    if (this.#timers.live === 0) this.#clock.setRef(false);
  };
}
