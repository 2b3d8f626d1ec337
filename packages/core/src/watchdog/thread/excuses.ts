// What excuses a missed beat. Three things are not the loop's fault: the watching thread slept as well,
// so the process was suspended; the watched thread waited for a CPU; or the program means to block.
import { allowedMs, type Marks } from "../marks.js";
import { CpuTimeReader, type CpuTime } from "./cpu-time.js";

export class Excuses {
  readonly #marks: Marks;
  readonly #cpu: CpuTimeReader;
  #cpuAtPoll: CpuTime;
  #cpuAtBeat: CpuTime;
  #allowedAtBeatMs = 0;

  /** @param watchesMain whether the watched thread is the one whose CPU time can be read */
  constructor(marks: Marks, watchesMain: boolean) {
    this.#marks = marks;
    this.#cpu = new CpuTimeReader(watchesMain);
    this.#cpuAtPoll = this.#cpuAtBeat = this.#cpu.read();
  }

  cpu(): CpuTime {
    return this.#cpu.read();
  }

  /** The heart has beaten: what comes is counted from here. */
  beat(now: number): void {
    this.#cpuAtBeat = this.#cpu.read();
    this.#allowedAtBeatMs = allowedMs(this.#marks, now);
  }

  /** Of the milliseconds by which a poll is late: those in which the watched thread was asleep too. To be called at each poll. */
  sleptMs(lateMs: number): number {
    const before = this.#cpuAtPoll;
    const { ranMs, waitedMs } = (this.#cpuAtPoll = this.#cpu.read());
    // While this thread alone was kept waiting, the watched one ran, or its own wait is counted as such.
    const aliveMs = ranMs - before.ranMs + waitedMs - before.waitedMs;
    return Number.isNaN(aliveMs) ? lateMs : lateMs - aliveMs;
  }

  /** Milliseconds since the beat in which the watched thread was given no CPU. */
  waitedMs(): number {
    return this.#cpu.read().waitedMs - this.#cpuAtBeat.waitedMs;
  }

  /** Milliseconds since the beat in which the program meant to block. */
  allowedMs(now: number): number {
    return allowedMs(this.#marks, now) - this.#allowedAtBeatMs;
  }

  close(): void {
    this.#cpu.close();
  }
}
