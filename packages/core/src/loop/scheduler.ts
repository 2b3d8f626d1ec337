// The scheduler: one ready queue and one heap of timers, pumped on Node's own loop. Between two
// handles the microtask queue is drained in full, so that the code which a handle woke runs with it.
//
//   callSoon ─▶ ready ─▶ pump: handle, microtasks, handle, microtasks, …  ─▶ setImmediate, for I/O
//   callAt ─▶ heap ─▶ one setTimeout ─▶ ready
import { AsyncResource } from "node:async_hooks";
import { Handle, TimerHandle } from "./handle.js";
import { enterHandle, leaveHandle } from "./running-handle.js";
import { TimerHeap } from "./timer-heap.js";

/** Passes over the ready queue in one turn of Node's loop; then I/O has its turn. */
const PASSES_PER_TURN = 16;
/** No more passes begin in a turn that has lasted so many milliseconds. */
const TURN_MS = 10;
/** A timer of Node's fires up to a millisecond early. */
const EARLY_MS = 1;
/** The longest delay of Node's timers. */
const LONGEST_MS = 2 ** 31 - 1;

export class Scheduler {
  #ready: Handle[] = [];
  readonly #timers = new TimerHeap();
  readonly #now: () => number;
  readonly #onError: (error: unknown, handle: Handle) => void;
  /** Handles are pumped in no one's context: else the first scheduler's would be kept. */
  readonly #root = new AsyncResource("offloop.Scheduler", { requireManualDestroy: true });
  #pumping = false;
  #pass: Handle[] = [];
  #next = 0;
  #passes = 0;
  #turnStarted = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerWhen = Infinity;

  constructor(now: () => number, onError: (error: unknown, handle: Handle) => void) {
    this.#now = now;
    this.#onError = onError;
  }

  schedule(handle: Handle): void {
    this.#ready.push(handle);
    if (this.#pumping) return;
    this.#pumping = true;
    this.#root.runInAsyncScope(setImmediate, undefined, this.#startTurn);
  }

  scheduleAt(handle: TimerHandle): void {
    this.#timers.push(handle);
    this.#armTimer();
  }

  #startTurn = (): void => {
    this.#passes = 0;
    this.#turnStarted = performance.now();
    this.#startPass();
  };

  #startPass(): void {
    this.#collectDue();
    this.#pass = this.#ready;
    this.#ready = [];
    this.#next = 0;
    this.#passes += 1;
    this.#step();
  }

  #step = (): void => {
    leaveHandle();
    while (this.#next < this.#pass.length) {
      const handle = this.#pass[this.#next++]!;
      if (handle.cancelled()) continue;
      enterHandle(handle);
      try {
        handle.run();
      } catch (error) {
        this.#onError(error, handle);
      }
      // The microtasks that the handle queued, and those that they queue, come first.
      queueMicrotask(this.#hop);
      return;
    }
    this.#endPass();
  };

  #hop = (): void => process.nextTick(this.#step);

  #endPass(): void {
    this.#pass = [];
    this.#collectDue();
    if (this.#ready.length === 0) {
      this.#pumping = false;
      return this.#armTimer();
    }
    if (this.#passes < PASSES_PER_TURN && performance.now() - this.#turnStarted < TURN_MS) return this.#startPass();
    setImmediate(this.#startTurn);
  }

  #collectDue(): void {
    if (this.#timers.size === 0) return;
    const now = this.#now();
    for (let handle = this.#timers.takeDue(now); handle !== undefined; handle = this.#timers.takeDue(now)) this.#ready.push(handle);
  }

  /** Keeps one timer of Node's armed, for the next of ours. */
  #armTimer(): void {
    const when = this.#timers.nextWhen();
    if (when === undefined) {
      clearTimeout(this.#timer);
      this.#timerWhen = Infinity;
      return;
    }
    if (when === this.#timerWhen) return;
    clearTimeout(this.#timer);
    this.#timerWhen = when;
    const delay = Math.min(LONGEST_MS, Math.max(EARLY_MS, Math.ceil(when - this.#now())));
    this.#root.runInAsyncScope(() => {
      this.#timer = setTimeout(() => {
        this.#timerWhen = Infinity;
        this.#collectDue();
        if (this.#ready.length > 0 && !this.#pumping) {
          this.#pumping = true;
          this.#startTurn();
        } else this.#armTimer();
      }, delay);
    });
  }
}
