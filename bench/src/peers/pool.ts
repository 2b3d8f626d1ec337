// The interface of a pool for the benchmarks. Each contender has one file in this folder that adapts it. The
// suites use only this interface.
import type { TaskName } from "../tasks/table.js";

/** A started pool. */
export interface Pool {
  /** Runs one of the tasks on a worker. The buffers of `transfer` are moved instead of copied. */
  call(name: TaskName, argument: unknown, transfer?: readonly ArrayBuffer[]): PromiseLike<unknown>;
  /** Runs a task for each item by the pool's own function for lists; missing if it has none. */
  map?(name: TaskName, values: readonly number[]): Promise<unknown[]>;
  /** Starts a call. `cancel` gives it up, and the promise then rejects. */
  cancellable?(name: TaskName, argument: unknown): { readonly promise: PromiseLike<unknown>; cancel(): void };
  close(): Promise<unknown>;
}

/** A contender. */
export interface Contender {
  /** The npm package, or a description if there is none. */
  readonly name: string;
  /** Starts a pool with exactly this number of workers, the same for each contender. No worker ends when idle. */
  start(workers: number): Promise<Pool>;
}
