// FutureJob: a job that a future schedules on its loop when the future is done.
import type { Job } from "../loop/job.js";

/** A job that runs once, with the result of its future. */
export interface FutureJob extends Job {
  /** Whether the job reads the result. The error of the future then counts as retrieved. */
  readonly retrieves: boolean;
  /** The callback, for removeDoneCallback. */
  readonly callback?: unknown;
}
