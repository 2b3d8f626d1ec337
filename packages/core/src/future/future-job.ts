// FutureJob: what a future schedules on its loop when it is done.
import type { Job } from "../loop/job.js";

export interface FutureJob extends Job {
  /** Whether it reads the result. The error of the future then counts as retrieved. */
  readonly retrieves: boolean;
  /** For removeDoneCallback. */
  readonly callback?: unknown;
}
