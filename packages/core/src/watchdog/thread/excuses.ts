// What excuses a missed beat. Three things are not the loop's fault: the watching thread slept as well,
// so the process was suspended; the watched thread waited for a CPU; or the program means to block.
import { allowedMs, type Marks } from "../marks.js";
import type { CpuTime } from "./cpu-time.js";
import type { CpuTimes } from "./world.js";

export class Excuses {
  readonly #marks: Marks;
  readonly #cpu: CpuTimes;
  #cpuAtPoll: CpuTime;
  #cpuAtBeat: CpuTime;
  #allowedAtBeatMs = 0;

  constructor(marks: Marks, cpu: CpuTimes, now: number) {
    this.#marks = marks;
    this.#cpu = cpu;
    this.#cpuAtPoll = this.#cpuAtBeat = this.#cpu.read(now);
  }

  cpu(now: number): CpuTime {
    return this.#cpu.read(now);
  }

  /** Whether the watched thread sleeps in this moment. */
  isAsleep(): boolean {
    return this.#cpu.isAsleep();
  }

  /** The heart has beaten: what comes is counted from here. */
  beat(now: number): void {
    this.#cpuAtBeat = this.#cpu.read(now);
    this.#allowedAtBeatMs = allowedMs(this.#marks, now);
  }

  /** Of the milliseconds by which a poll is late: those in which the watched thread was asleep too. To be called at each poll. */
  sleptMs(now: number, lateMs: number): number {
    const before = this.#cpuAtPoll;
    const { ranMs, waitedMs } = (this.#cpuAtPoll = this.#cpu.read(now));
    // While this thread alone was kept waiting, the watched one ran, or its own wait is counted as such.
    const aliveMs = ranMs - before.ranMs + waitedMs - before.waitedMs;
    return Number.isNaN(aliveMs) ? lateMs : lateMs - aliveMs;
  }

  /** Milliseconds since the beat in which the watched thread was given no CPU. */
  waitedMs(now: number): number {
    return this.#cpu.read(now).waitedMs - this.#cpuAtBeat.waitedMs;
  }

  /** Milliseconds since the beat in which the program meant to block. */
  allowedMs(now: number): number {
    return allowedMs(this.#marks, now) - this.#allowedAtBeatMs;
  }

  close(): void {
    this.#cpu.close();
  }
}
