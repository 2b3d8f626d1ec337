// Writes what a task reports to its job, one write at a time: log lines, and progress. Of the progress values that arrive
// during a write, only the newest is written, so a fast task does not fill the connection to Redis.
import type { Job } from "bullmq";
import { logLine } from "../job/index.js";

/** The reports of one job. A failed write drops those that wait; `written()` tells of it. */
export class JobReports {
  readonly #job: Job;
  readonly #waiting: unknown[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(job: Job) {
    this.#job = job;
  }

  add(reported: unknown): void {
    const waiting = this.#waiting;
    if (logLine(reported) === undefined && waiting.length > 0 && logLine(waiting.at(-1)) === undefined) waiting.pop();
    waiting.push(reported);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const reported = this.#waiting.shift();
        const line = logLine(reported);
        if (line === undefined) await this.#job.updateProgress(reported as number);
        else await this.#job.log(line);
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#waiting.length = 0;
    }
    this.#writing = undefined;
  }

  /** Resolves when everything is written. Rejects with the first error of a write, such as a progress value that is no JSON. */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
