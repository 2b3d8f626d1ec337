// Computes what excuses a missed beat. There are three excuses: the process was suspended, so the watching
// thread slept as well; the watched thread waited for a CPU; the program blocks inside allowBlocking().
// A wait is no excuse while V8's helper threads have the CPUs. They collect garbage of the program, so the
// process was given the CPU time, and the program used it.
import { allowedMs, type Marks } from "../protocol/marks.js";
import type { CpuTime, CpuTimes } from "./world.js";

/** The sums by which a wait is computed, as they were at one moment. */
export interface Wait {
  /** How long the watched thread has waited for a CPU. */
  readonly waitedMs: number;
  /** The CPU time of V8's helper threads. */
  readonly helpedMs: number;
}

export class Excuses {
  readonly #marks: Marks;
  readonly #cpu: CpuTimes;
  #cpuAtPoll: CpuTime;
  #waitedAtBeatMs = 0;
  #allowedAtBeatMs = 0;
  /** As read when the beat became due. Before that, the helper threads of an idle program need not be read. */
  #helpedAtDueMs: number | undefined;
  #helpedAtPollMs: number | undefined;

  constructor(marks: Marks, cpu: CpuTimes, now: number) {
    this.#marks = marks;
    this.#cpu = cpu;
    this.#cpuAtPoll = this.#cpu.read(now);
    this.beat(now);
  }

  /** The sums at `now`, from which `waitedMs` can count. */
  wait(now: number): Wait {
    return { waitedMs: this.#cpu.read(now).waitedMs, helpedMs: this.#cpu.helpedMs() };
  }

  /** Whether the watched thread sleeps now. */
  isAsleep(): boolean {
    return this.#cpu.isAsleep();
  }

  /** To be called at each beat. The excuses count from here. */
  beat(now: number): void {
    this.#waitedAtBeatMs = this.#cpu.read(now).waitedMs;
    this.#allowedAtBeatMs = allowedMs(this.#marks, now);
    this.#helpedAtDueMs = this.#helpedAtPollMs = undefined;
  }

  /** To be called at each poll that finds no beat. */
  due(): void {
    this.#helpedAtPollMs = this.#cpu.helpedMs();
    this.#helpedAtDueMs ??= this.#helpedAtPollMs;
  }

  /** To be called at each poll. @param lateMs how late the poll is @returns the part of `lateMs` in which the watched thread slept too */
  sleptMs(now: number, lateMs: number): number {
    const before = this.#cpuAtPoll;
    const { ranMs, waitedMs } = (this.#cpuAtPoll = this.#cpu.read(now));
    const helpedMs = this.#helpedAtPollMs === undefined ? 0 : this.#cpu.helpedMs() - this.#helpedAtPollMs;
    // If this thread alone was late, the watched thread or its helpers ran meanwhile, or a wait of the watched thread was counted.
    const aliveMs = ranMs - before.ranMs + waitedMs - before.waitedMs + helpedMs;
    return Number.isNaN(aliveMs) ? lateMs : lateMs - aliveMs;
  }

  /** How long neither the watched thread nor its helpers were given a CPU, in milliseconds, since the last beat or `since`. */
  waitedMs(now: number, since: Wait = { waitedMs: this.#waitedAtBeatMs, helpedMs: this.#helpedAtDueMs ?? this.#cpu.helpedMs() }): number {
    const { waitedMs, helpedMs } = this.wait(now);
    return Math.max(0, waitedMs - since.waitedMs - (helpedMs - since.helpedMs));
  }

  /** How long the program blocked inside `allowBlocking()` since the last beat, in milliseconds. */
  allowedMs(now: number): number {
    return allowedMs(this.#marks, now) - this.#allowedAtBeatMs;
  }

  /** The excused time since the last beat, in milliseconds. */
  excusedMs(now: number): number {
    return this.waitedMs(now) + this.allowedMs(now);
  }

  close(): void {
    this.#cpu.close();
  }
}
