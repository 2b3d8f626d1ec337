// The metrics of pools and stalls: names, help texts, labels and bounds. The endpoint exports them at /metrics
// (report/exposition.ts), and @offloop/prometheus in a registry of prom-client.

/** A metric of Prometheus. Durations are in seconds. */
export interface Metric {
  /** The name of its family. */
  readonly name: string;
  /** The type in the text format. */
  readonly type: "counter" | "gauge" | "histogram";
  /** The help text. */
  readonly help: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The upper bounds of a histogram. */
  readonly bounds?: readonly number[];
}

/** A call on an idle thread begins within 10 µs, and calls of minutes are possible: powers of about 3, from 0.1 ms to 5 min. */
export const CALL_SECONDS: readonly number[] = Object.freeze([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]);

/** A watchdog reports a stall from 20 ms on. */
export const STALL_SECONDS: readonly number[] = Object.freeze([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]);

/** The largest number of executors that metrics tell apart. The name of an executor is a text of the program. */
export const MOST_EXECUTORS = 50;

/** The label of what is beyond a limit. */
const OTHER = "other";

const executor = Object.freeze(["executor", "kind"]);

/** The metrics of calls and pools. */
export const poolMetrics = Object.freeze({
  wait: { name: "offloop_call_wait_seconds", type: "histogram", help: "Time from the submission of a call until a worker began it.", labels: [...executor, "outcome"], bounds: CALL_SECONDS },
  run: { name: "offloop_call_run_seconds", type: "histogram", help: "Time for which a worker ran a call.", labels: [...executor, "outcome"], bounds: CALL_SECONDS },
  requeues: { name: "offloop_call_requeues_total", type: "counter", help: "Number of times that a call returned to the queue.", labels: executor },
  exits: { name: "offloop_worker_exits_total", type: "counter", help: "Number of workers that have ended; expected: because the executor ended them.", labels: [...executor, "expected"] },
  workers: { name: "offloop_executor_workers", type: "gauge", help: "Number of workers that have started.", labels: executor },
  busy: { name: "offloop_executor_busy_workers", type: "gauge", help: "Number of workers that have a call.", labels: executor },
  maxWorkers: { name: "offloop_executor_max_workers", type: "gauge", help: "Largest number of workers that compute.", labels: executor },
  queued: { name: "offloop_executor_queued_calls", type: "gauge", help: "Number of calls that wait for a worker.", labels: executor },
  running: { name: "offloop_executor_running_calls", type: "gauge", help: "Number of calls that workers have.", labels: executor },
} as const satisfies Record<string, Metric>);

/** The metrics of stalls. */
export const stallMetrics = Object.freeze({
  stalls: { name: "offloop_stalls_total", type: "counter", help: "Number of stalls of the event loop.", labels: [] },
  stalledSeconds: { name: "offloop_stalled_seconds_total", type: "counter", help: "Total duration of all stalls.", labels: [] },
  longest: { name: "offloop_longest_stall_seconds", type: "gauge", help: "Duration of the longest stall.", labels: [] },
  duration: { name: "offloop_stall_seconds", type: "histogram", help: "Duration of the stalls, by what held the loop.", labels: ["kind"], bounds: STALL_SECONDS },
} as const satisfies Record<string, Metric>);

/** What only another thread can tell while the loop is held. */
export const endpointMetrics = Object.freeze({
  running: { name: "offloop_running_stall_seconds", type: "gauge", help: "Duration of the current stall so far; 0 while the loop turns.", labels: [] },
  place: { name: "offloop_place_stalled_seconds_total", type: "counter", help: "Total duration of the stalls, by place.", labels: ["file", "line", "function", "kind"] },
  age: { name: "offloop_pools_age_seconds", type: "gauge", help: "Time since the metrics of pools were read. They are read while the loop turns.", labels: [] },
} as const satisfies Record<string, Metric>);

/** Takes the first groups of labels as they are, and `other` in place of all further ones. */
export class BoundedLabels {
  readonly #known = new Map<string, readonly string[]>();
  readonly #maxGroups: number;

  /** @param maxGroups the number of groups beside `other` */
  constructor(maxGroups: number) {
    this.#maxGroups = maxGroups;
  }

  /** @returns the labels, or as many times `other` */
  of(...labels: readonly string[]): readonly string[] {
    const key = JSON.stringify(labels);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#maxGroups) return labels.map(() => OTHER);
    this.#known.set(key, labels);
    return labels;
  }
}
