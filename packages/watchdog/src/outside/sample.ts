// What a process answers to `offloop top`, once a second.
import type { PoolState, TaskState } from "./dump.js";

export interface Sample {
  /** Milliseconds since its start. */
  readonly upMs: number;
  /** The delay of its event loop since the last sample; `null`: it was not measured. */
  readonly delay: { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number } | null;
  /** The share of the time in which its loop did not wait for events, from 0 to 1. */
  readonly utilization: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  readonly tasks: readonly TaskState[];
  readonly taskCount: number;
  readonly pools: readonly PoolState[];
}
