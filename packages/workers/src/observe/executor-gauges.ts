// The executors of this thread at one moment, as gauges. Executors of the same kind and name are added up, because metrics
// tell them apart by these two alone.
import { executors } from "../executor/living.js";

/** The executors of one kind and name. */
export interface ExecutorGauges {
  /** The kind of its workers. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** The number of workers that have started. */
  readonly workers: number;
  /** The number of workers that have a call. */
  readonly busy: number;
  /** The largest number of workers. */
  readonly maxWorkers: number;
  /** The number of calls that wait for a worker. */
  readonly queued: number;
  /** The number of calls that workers have. */
  readonly running: number;
}

/** Reads `stats()` of each executor. From then on, the executor measures how long its calls wait. */
export function executorGauges(): ExecutorGauges[] {
  const sums = new Map<string, ExecutorGauges>();
  for (const executor of executors()) {
    const { kind, name } = executor;
    const { workers, idleWorkers, maxWorkers, queued, running } = executor.stats();
    const key = JSON.stringify([kind, name]);
    const sum = sums.get(key) ?? { kind, name, workers: 0, busy: 0, maxWorkers: 0, queued: 0, running: 0 };
    sums.set(key, { kind, name, workers: sum.workers + workers, busy: sum.busy + workers - idleWorkers, maxWorkers: sum.maxWorkers + maxWorkers, queued: sum.queued + queued, running: sum.running + running });
  }
  return [...sums.values()];
}
