// How long a new call would wait for a worker of an executor. While calls wait, every worker is busy. So the calls that end in
// that time, divided by it, are the rate at which the queue moves: workers divided by the mean run time.
import type { Executor } from "@offloop/workers/executor";
import { clearInterval, now, setInterval } from "./real-time.js";

type Stats = ReturnType<Executor["stats"]>;

/** How often the queue is looked at while calls wait, in milliseconds. A guess: short beside the waits that matter. */
const LOOK_EVERY_MS = 50;
/** The weight of a new measurement. A guess: about ten measurements forget a burst. */
const WEIGHT = 0.2;

/** Measures one executor. Its timer runs only while calls wait, and keeps no program alive. */
export class ServiceRate {
  readonly #stats: () => Stats;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The start of the stretch that is measured: calls wait since then, and none has ended since. */
  #since: { readonly atMs: number; readonly ended: number } | undefined;
  /** The mean time from one call's end to the next, in milliseconds. */
  #msPerCall = NaN;

  constructor(stats: () => Stats) {
    this.#stats = stats;
  }

  /** The time until a call that is submitted now would start, in milliseconds. 0: none waits, or nothing was measured yet. */
  expectedWaitMs(): number {
    const stats = this.#stats();
    this.#look(stats);
    if (stats.queued === 0 || Number.isNaN(this.#msPerCall)) return 0;
    return stats.queued * this.#msPerCall;
  }

  #look(stats: Stats): void {
    const atMs = now();
    const ended = stats.fulfilled + stats.rejected + stats.cancelled;
    if (stats.queued === 0) return this.#rest();
    this.#timer ??= setInterval(() => this.#look(this.#stats()), LOOK_EVERY_MS).unref();
    this.#since ??= { atMs, ended };
    const calls = ended - this.#since.ended;
    if (calls === 0 || atMs - this.#since.atMs < LOOK_EVERY_MS / 2) return;
    const measured = (atMs - this.#since.atMs) / calls;
    this.#msPerCall = Number.isNaN(this.#msPerCall) ? measured : this.#msPerCall + (measured - this.#msPerCall) * WEIGHT;
    this.#since = { atMs, ended };
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#since = undefined;
  }
}
