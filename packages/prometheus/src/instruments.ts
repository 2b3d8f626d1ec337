// The metrics in a registry of prom-client, and what is recorded by them. Names, help texts and bounds are those of the
// watchdog's endpoint.
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { InvalidOptionError } from "@offloop/workers/executor";
import type { Stall } from "@offloop/watchdog";
import { BoundedLabels, type Metric, MOST_EXECUTORS, poolMetrics, stallMetrics } from "@offloop/watchdog/metrics";
import type { CallRequeuedEvent, CallSettledEvent, WorkerExitedEvent } from "@offloop/workers";
import { type ExecutorGauges, executorGauges } from "@offloop/workers/observe";

/** An event of an executor. */
type OfExecutor = Pick<CallSettledEvent, "executor" | "executorName">;

/** The metrics in one registry. */
export class Instruments {
  readonly #register: Registry;
  readonly #executors = new BoundedLabels(MOST_EXECUTORS);
  /** `undefined`: functions are not told apart. */
  readonly #functions: BoundedLabels | undefined;
  readonly #wait: Histogram;
  readonly #run: Histogram;
  readonly #requeues: Counter;
  readonly #exits: Counter;
  readonly #stalls: Counter;
  readonly #stalledSeconds: Counter;
  readonly #longest: Gauge;
  readonly #stallSeconds: Histogram;
  readonly #all: (Counter | Gauge | Histogram)[] = [];
  #longestMs = 0;

  /** @throws InvalidOptionError the registry has a metric of one of these names */
  constructor(register: Registry, functions: number) {
    this.#register = register;
    const taken = Object.values({ ...poolMetrics, ...stallMetrics }).find(({ name }) => register.getSingleMetric(name) !== undefined);
    if (taken !== undefined) throw new InvalidOptionError("register", `the registry has a metric ${taken.name} already. Call stop() of what collectOffloopMetrics() returned before, or give another registry.`);
    this.#functions = functions === 0 ? undefined : new BoundedLabels(functions);
    const ofCall = functions === 0 ? [] : ["function"];
    this.#wait = this.#histogram(poolMetrics.wait, ofCall);
    this.#run = this.#histogram(poolMetrics.run, ofCall);
    this.#requeues = this.#counter(poolMetrics.requeues);
    this.#exits = this.#counter(poolMetrics.exits);
    this.#gauge(poolMetrics.workers, ({ workers }) => workers);
    this.#gauge(poolMetrics.busy, ({ busy }) => busy);
    this.#gauge(poolMetrics.maxWorkers, ({ maxWorkers }) => maxWorkers);
    this.#gauge(poolMetrics.queued, ({ queued }) => queued);
    this.#gauge(poolMetrics.running, ({ running }) => running);
    this.#stalls = this.#counter(stallMetrics.stalls);
    this.#stalledSeconds = this.#counter(stallMetrics.stalledSeconds);
    this.#longest = this.#added(new Gauge(this.#configOf(stallMetrics.longest)));
    this.#stallSeconds = this.#histogram(stallMetrics.duration);
  }

  settled(call: CallSettledEvent): void {
    const { callName, outcome, queuedMs, runMs } = call;
    if (queuedMs === undefined) return; // it was submitted before anybody listened
    const labels = { ...this.#executorOf(call), outcome, ...(this.#functions === undefined ? {} : { function: this.#functions.of(callName)[0]! }) };
    this.#wait.observe(labels, queuedMs / 1_000);
    if (runMs !== undefined) this.#run.observe(labels, runMs / 1_000);
  }

  requeued(call: CallRequeuedEvent): void {
    this.#requeues.inc(this.#executorOf(call));
  }

  exited(exit: WorkerExitedEvent): void {
    this.#exits.inc({ ...this.#executorOf(exit), expected: String(exit.expected) });
  }

  stalled({ kind, durationMs }: Stall): void {
    this.#longestMs = Math.max(this.#longestMs, durationMs);
    this.#stalls.inc();
    this.#stalledSeconds.inc(durationMs / 1_000);
    this.#longest.set(this.#longestMs / 1_000);
    this.#stallSeconds.observe({ kind }, durationMs / 1_000);
  }

  /** Takes the metrics out of the registry. */
  remove(): void {
    for (const metric of this.#all) {
      const { name } = metric as unknown as { readonly name: string };
      if (this.#register.getSingleMetric(name) === (metric as unknown)) this.#register.removeSingleMetric(name);
    }
  }

  #executorOf({ executor, executorName }: OfExecutor): { executor: string; kind: string } {
    const [name, kind] = this.#executors.of(executorName, executor);
    return { executor: name!, kind: kind! };
  }

  #configOf({ name, help, labels }: Metric, more: readonly string[] = []) {
    return { name, help, labelNames: [...labels, ...more], registers: [this.#register] };
  }

  #counter(metric: Metric): Counter {
    return this.#added(new Counter(this.#configOf(metric)));
  }

  #histogram(metric: Metric, more?: readonly string[]): Histogram {
    return this.#added(new Histogram({ ...this.#configOf(metric, more), buckets: [...metric.bounds!] }));
  }

  /** A gauge that each scrape reads from the executors that live. */
  #gauge(metric: Metric, read: (gauges: ExecutorGauges) => number): void {
    const executorOf = this.#executorOf.bind(this);
    this.#added(new Gauge({
      ...this.#configOf(metric),
      collect() {
        this.reset();
        for (const gauges of executorGauges()) this.inc(executorOf({ executor: gauges.kind, executorName: gauges.name }), read(gauges));
      },
    }));
  }

  #added<M extends Counter | Gauge | Histogram>(metric: M): M {
    this.#all.push(metric);
    return metric;
  }
}
