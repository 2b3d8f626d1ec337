// What a benchmark asks of a pool. One file of this folder adapts each contender to it; nothing else
// of the suite knows whose pool it measures.
import type * as tasks from "../tasks/tasks.js";

/** The functions in tasks/tasks.ts. */
export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

/** A started pool. */
export interface Pool {
  /** Runs one of the tasks on a worker. */
  call<N extends TaskName>(name: N, argument: Parameters<Tasks[N]>[0]): PromiseLike<Awaited<ReturnType<Tasks[N]>>>;
  close(): Promise<unknown>;
}

/** Someone who takes part. */
export interface Contender {
  /** The npm package, or what it is where there is none. */
  readonly name: string;
  /** Starts a pool with exactly so many workers, the same for everyone, none of which ends when idle. */
  start(workers: number): Promise<Pool>;
}
