// What a scheduler runs: callbacks of users, wrapped in handles, and the steps of tasks.
import type { Runnable } from "./running-handle.js";

export type Callback<A extends unknown[] = never[]> = (...args: A) => unknown;

/** One entry of the ready queue. The steps of tasks are jobs without the cost of a handle. */
export interface Job extends Runnable {
  cancelled(): boolean;
  run(): void;
}
