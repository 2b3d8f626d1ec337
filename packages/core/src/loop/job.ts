// What a scheduler runs: callbacks of users, wrapped in handles, and the steps of tasks.

/** A callback of a user. It is called without a `this`: a function that declares one does not compile. */
export type Callback<A extends any[] = any[]> = (this: void, ...args: A) => unknown;

/** What a handle is called. */
export interface HandleDescription {
  readonly name: string;
  /** The task that the handle steps, if it steps one. */
  readonly task?: string;
  /** Where the handle was scheduled; in debug mode. */
  readonly createdAt?: string;
}

/** One entry of the ready queue. The steps of tasks are jobs without the cost of a handle. */
export interface Job {
  cancelled(): boolean;
  run(): void;
  describe(): HandleDescription;
}
