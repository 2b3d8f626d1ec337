// What a task of `offloopProcessor` may use on its worker. It loads neither BullMQ nor Redis.
//
//   worker: jobLog(text) ── progress channel of the call ──▶ main side: processor/job-reports.ts writes job.log(text)
import { taskContext } from "@offloop/workers/executor";

/** The job of a call, as its task receives it after the data. */
export interface JobInfo {
  /** The id of the job. */
  readonly id: string;
  /** The name of the job. */
  readonly name: string;
  /** The queue of the job. */
  readonly queueName: string;
  /** How many attempts have failed before this one. */
  readonly attemptsMade: number;
}

/** The key of a log line among the progress values. */
const logKey = "@offloop/bullmq/log";

/**
 * Adds a line to the log of the job that this call runs, in the order of the calls. The line is written before the job ends.
 * In a call that no job has made, it is reported to `onProgress`, if there is one.
 * @param line one line of text
 * @throws InvalidStateError outside a call
 * @example
 * jobLog(`rendering ${data.pages} pages`);
 */
export function jobLog(line: string): void {
  taskContext().progress({ [logKey]: String(line) });
}

/** @internal The text of a log line, or `undefined` for progress. */
export function logLine(reported: unknown): string | undefined {
  return typeof reported === "object" && reported !== null && Object.hasOwn(reported, logKey) ? (reported as Record<string, string>)[logKey] : undefined;
}
