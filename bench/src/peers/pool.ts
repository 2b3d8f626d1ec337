// The interface of a pool for the benchmarks. One file of this folder adapts each contender to it; nothing else
// of the suite knows whose pool it measures.
import type { TaskName } from "../tasks/table.js";

/** A started pool. */
export interface Pool {
  /** Runs one of the tasks on a worker. `transfer` names what moves instead of being copied. */
  call(name: TaskName, argument: unknown, transfer?: readonly ArrayBuffer[]): PromiseLike<unknown>;
  /** Runs a task for each item by the pool's own means for that, where it has any. */
  map?(name: TaskName, values: readonly number[]): Promise<unknown[]>;
  /** A call that can be given up; `cancel` does it. The promise rejects then. */
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
