// FutureJob: what a future schedules on its loop when it is done.
import type { Job } from "../loop/job.js";

export interface FutureJob extends Job {
  /** Whether it looks at the result: an error of the future counts as retrieved then. */
  readonly retrieves: boolean;
  /** For removeDoneCallback. */
  readonly callback?: unknown;
}
