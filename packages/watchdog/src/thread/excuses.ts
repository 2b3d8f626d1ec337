// What excuses a missed beat. Three things are not the loop's fault: the watching thread slept as well,
// so the process was suspended; the watched thread waited for a CPU; or the program means to block.
// A thread that waits for a CPU, or sleeps, while V8's helper threads have the CPUs is not excused: they
// collect its garbage, so the process was given the time and the program used it.
import { allowedMs, type Marks } from "../protocol/marks.js";
import type { CpuTime } from "./cpu-time.js";
import type { CpuTimes } from "./world.js";

/** What may excuse the watched thread, until some moment of its life. */
export interface Wait {
  readonly waitedMs: number;
  /** What its helpers had of the CPUs. */
  readonly helpedMs: number;
}

export class Excuses {
  readonly #marks: Marks;
  readonly #cpu: CpuTimes;
  #cpuAtPoll: CpuTime;
  #waitedAtBeatMs = 0;
  #allowedAtBeatMs = 0;
  /** When the beat became due: an idle program's helpers need not be looked at. */
  #helpedAtDueMs: number | undefined;
  #helpedAtPollMs: number | undefined;

  constructor(marks: Marks, cpu: CpuTimes, now: number) {
    this.#marks = marks;
    this.#cpu = cpu;
    this.#cpuAtPoll = this.#cpu.read(now);
    this.beat(now);
  }

  /** To be taken as the beginning of what `waitedMs` is asked for. */
  wait(now: number): Wait {
    return { waitedMs: this.#cpu.read(now).waitedMs, helpedMs: this.#cpu.helpedMs() };
  }

  /** Whether the watched thread sleeps in this moment. */
  isAsleep(): boolean {
    return this.#cpu.isAsleep();
  }

  /** The heart has beaten: what comes is counted from here. */
  beat(now: number): void {
    this.#waitedAtBeatMs = this.#cpu.read(now).waitedMs;
    this.#allowedAtBeatMs = allowedMs(this.#marks, now);
    this.#helpedAtDueMs = this.#helpedAtPollMs = undefined;
  }

  /** A poll found no beat. */
  due(): void {
    this.#helpedAtPollMs = this.#cpu.helpedMs();
    this.#helpedAtDueMs ??= this.#helpedAtPollMs;
  }

  /** Of the milliseconds by which a poll is late: those in which the watched thread was asleep too. To be called at each poll. */
  sleptMs(now: number, lateMs: number): number {
    const before = this.#cpuAtPoll;
    const { ranMs, waitedMs } = (this.#cpuAtPoll = this.#cpu.read(now));
    const helpedMs = this.#helpedAtPollMs === undefined ? 0 : this.#cpu.helpedMs() - this.#helpedAtPollMs;
    // While this thread alone was kept waiting, the watched one or its helpers ran, or its own wait is counted as such.
    const aliveMs = ranMs - before.ranMs + waitedMs - before.waitedMs + helpedMs;
    return Number.isNaN(aliveMs) ? lateMs : lateMs - aliveMs;
  }

  /** Milliseconds, since the beat or another moment, in which the watched thread was given no CPU, nor its helpers instead of it. */
  waitedMs(now: number, since: Wait = { waitedMs: this.#waitedAtBeatMs, helpedMs: this.#helpedAtDueMs ?? this.#cpu.helpedMs() }): number {
    const { waitedMs, helpedMs } = this.wait(now);
    return Math.max(0, waitedMs - since.waitedMs - (helpedMs - since.helpedMs));
  }

  /** Milliseconds since the beat in which the program meant to block. */
  allowedMs(now: number): number {
    return allowedMs(this.#marks, now) - this.#allowedAtBeatMs;
  }

  /** Of the milliseconds since the beat: what the program meant, or could not help. */
  excusedMs(now: number): number {
    return this.waitedMs(now) + this.allowedMs(now);
  }

  close(): void {
    this.#cpu.close();
  }
}
