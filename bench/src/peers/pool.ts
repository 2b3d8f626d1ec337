// What a benchmark asks of a pool. One file of this folder adapts each contender to it; nothing else
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

/** Someone who takes part. */
export interface Contender {
  /** The npm package, or what it is where there is none. */
  readonly name: string;
  /** Starts a pool with exactly so many workers, the same for everyone, none of which ends when idle. */
  start(workers: number): Promise<Pool>;
}
