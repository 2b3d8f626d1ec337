// A world that the test controls. Time passes only in `advance`. Callbacks that the dispatcher schedules (ticks,
// turns, timers) run only in `settle` and `advance`. No function here waits.
import type { Timer, World } from "#workers/dispatch/world.js";

interface VirtualTimer extends Timer {
  readonly at: number;
  readonly then: () => void;
}

export class VirtualWorld implements World {
  #now = 1_000; // as on a real clock, 0 is long ago
  #timers: VirtualTimer[] = [];
  #ticks: (() => void)[] = [];
  #turns: (() => void)[] = [];

  readonly now = (): number => this.#now;

  after(ms: number, then: () => void): Timer {
    const timer: VirtualTimer = { at: this.#now + ms, then, stop: () => void (this.#timers = this.#timers.filter((each) => each !== timer)) };
    if (ms !== Infinity) this.#timers.push(timer);
    return timer;
  }

  soon(then: () => void): void {
    this.#ticks.push(then);
  }

  readonly nextTurn = (then: () => void): void => void this.#turns.push(then);

  readonly maySpin = (): boolean => false;

  /** The number of timers that have neither fired nor been stopped. */
  get timers(): number {
    return this.#timers.length;
  }

  /** The milliseconds until each timer fires. */
  get timerDistances(): number[] {
    return this.#timers.map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /** Whether a callback is scheduled for the end of this turn, or for the next one. */
  get busy(): boolean {
    return this.#ticks.length + this.#turns.length > 0;
  }

  /** The milliseconds until the next timer fires; `undefined` without one. */
  get nextTimerMs(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at)) - this.#now;
  }

  /** Runs the callbacks of the end of this turn and of the next one. */
  settle(): void {
    while (this.#ticks.length + this.#turns.length > 0) {
      for (let tick = this.#ticks.shift(); tick !== undefined; tick = this.#ticks.shift()) tick();
      for (const turn of this.#turns.splice(0)) turn();
    }
  }

  /** The program does not run for this long: each timer that is due fires once, at the end. */
  pause(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
      timer.stop();
      timer.then();
    }
    this.settle();
  }

  /** Lets time pass: the timers fire in order, each at its own time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    this.settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.stop();
      next.then();
      this.settle();
    }
    this.#now = until;
  }
}
