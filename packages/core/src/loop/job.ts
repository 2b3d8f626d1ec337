// Job: the unit that a scheduler runs. Jobs are callbacks of users, wrapped in handles, and the steps of tasks.
import type { Callable } from "@offloop/workers/executor";

/** A callback of a user. It is called without a `this`, so a function that declares one does not compile. */
export type Callback<A extends any[] = any[], This = void> = Callable<A, unknown, This>;

/** The description of a handle in messages. */
export interface HandleDescription {
  readonly name: string;
  /** The task that the handle steps, if it steps one. */
  readonly task?: string;
  /** Where the handle was scheduled; in debug mode. */
  readonly createdAt?: string;
}

/** One element of the ready queue. The steps of tasks are jobs without the cost of a handle. */
export interface Job {
  cancelled(): boolean;
  run(): void;
  describe(): HandleDescription;
}
