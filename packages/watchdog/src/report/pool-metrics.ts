// The metrics of pools for the endpoint. The first scrape makes the watched thread record its calls, and each scrape asks it
// for a sample. While its loop is held, a scrape gets the sample of the last one: the pools change little meanwhile.
import { Buckets } from "../protocol/bucket-counts.js";
import { BoundedLabels, CALL_SECONDS, endpointMetrics, MOST_EXECUTORS, poolMetrics } from "../protocol/metrics.js";
import type { PoolState, Sample } from "../protocol/sample.js";
import { histograms, values } from "./exposition.js";
import type { Sampling } from "./sampling.js";

/** Milliseconds that a scrape waits for the watched thread. It answers within one, unless its loop is held. */
const ANSWER_MS = 200;

/** Milliseconds without a scrape after which calls are no longer recorded. Prometheus forgets a series after five minutes. */
const FORGOTTEN_MS = 10 * 60_000;

type Labels = readonly string[];

/** The metrics of calls and pools, from the first scrape on. */
export class PoolMetrics {
  readonly #sampling: Sampling;
  readonly #executors = new BoundedLabels(MOST_EXECUTORS);
  readonly #wait = new Map<string, Buckets>();
  readonly #run = new Map<string, Buckets>();
  readonly #requeues = new Map<string, number>();
  readonly #exits = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #last: Sample | undefined;
  #release: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(sampling: Sampling) {
    this.#sampling = sampling;
    sampling.listen((sample) => this.#take(sample));
  }

  /** The lines of the metrics. @param isHeld whether the loop does not turn now */
  async read(isHeld: boolean): Promise<string[]> {
    if (!this.#sampling.isPossible) return [];
    this.#release ??= this.#sampling.look();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#forget(), FORGOTTEN_MS).unref();
    this.#sampling.ask();
    if (!isHeld) await this.#answered();
    return this.#lines();
  }

  #forget(): void {
    this.#release?.();
    this.#release = undefined;
  }

  #answered(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ANSWER_MS);
      this.#waiting.add(done);
    });
  }

  #take(sample: Sample): void {
    if (this.#release === undefined) return;
    this.#last = sample;
    const { outcomes, requeues, exits } = sample.calls;
    for (const { executor, kind, outcome, wait, run } of outcomes) {
      const key = this.#key(executor, kind, outcome);
      bucketsOf(this.#wait, key).add(wait);
      bucketsOf(this.#run, key).add(run);
    }
    for (const { executor, kind, count } of requeues) add(this.#requeues, this.#key(executor, kind), count);
    for (const { executor, kind, expected, count } of exits) add(this.#exits, this.#key(executor, kind, String(expected)), count);
    for (const done of this.#waiting) done();
  }

  #lines(): string[] {
    const { pools = [], at } = this.#last ?? {};
    const gauge = (read: (pool: PoolState) => number): [Labels, number][] => {
      const sums = new Map<string, number>();
      for (const pool of pools) add(sums, this.#key(pool.name ?? pool.kind, pool.kind), read(pool));
      return seriesOf(sums);
    };
    return [
      ...histograms(poolMetrics.wait, seriesOf(this.#wait)),
      ...histograms(poolMetrics.run, seriesOf(this.#run)),
      ...values(poolMetrics.requeues, seriesOf(this.#requeues)),
      ...values(poolMetrics.exits, seriesOf(this.#exits)),
      ...values(poolMetrics.workers, gauge(({ workers }) => workers.filter(({ phase }) => phase !== "starting").length)),
      ...values(poolMetrics.busy, gauge(({ workers }) => workers.filter(({ call }) => call !== undefined).length)),
      ...values(poolMetrics.maxWorkers, gauge(({ maxWorkers }) => maxWorkers)),
      ...values(poolMetrics.queued, gauge(({ queued }) => queued)),
      ...values(poolMetrics.running, gauge(({ workers }) => workers.reduce((sum, { call, held }) => sum + (call === undefined ? 0 : 1 + held), 0))),
      ...values(endpointMetrics.age, at === undefined ? [] : [[[], Math.max(0, Date.now() - at) / 1_000]]),
    ];
  }

  #key(executor: string, kind: string, ...more: string[]): string {
    return JSON.stringify([...this.#executors.of(executor, kind), ...more]);
  }
}

const seriesOf = <Value>(map: ReadonlyMap<string, Value>): [Labels, Value][] => [...map].map(([key, value]) => [JSON.parse(key) as string[], value]);

function add(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

function bucketsOf(map: Map<string, Buckets>, key: string): Buckets {
  let buckets = map.get(key);
  if (buckets === undefined) map.set(key, (buckets = new Buckets(CALL_SECONDS)));
  return buckets;
}
