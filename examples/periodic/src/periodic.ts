// A job at a steady rate on the loop's clock. Each run is scheduled from the start time, so the schedule does not
// drift. If a run still lasts when the next one is due, the next one is skipped.
import { createTask, type EventLoop, type Task, type TimerHandle } from "offloop";

export class Periodic {
  runs = 0;
  leftOut = 0;
  readonly #loop: EventLoop;
  readonly #periodMs: number;
  readonly #job: () => Promise<void>;
  #turn: TimerHandle | undefined;
  #running: Task<void> | undefined;

  constructor(loop: EventLoop, periodMs: number, job: () => Promise<void>) {
    this.#loop = loop;
    this.#periodMs = periodMs;
    this.#job = job;
  }

  start(): void {
    this.#takeTurnAt(this.#loop.time());
  }

  /** Starts no further run. Resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.#turn?.cancel();
    await this.#running;
  }

  #takeTurnAt(when: number): void {
    this.#turn = this.#loop.callAt(when, () => {
      this.#takeTurnAt(when + this.#periodMs);
      if (this.#running) this.leftOut++;
      else void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.runs++;
    this.#running = createTask(this.#job, { name: `run ${this.runs}` });
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }
}
