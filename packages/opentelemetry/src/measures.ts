// The instruments, and what is recorded by them. Times are in seconds, as the semantic conventions say.
import type { Attributes, BatchObservableCallback, Histogram, Counter, Meter, Observable } from "@opentelemetry/api";
import type { Stall } from "@offloop/watchdog";
import type { CallRequeuedEvent, CallSettledEvent, WorkerExitedEvent } from "@offloop/workers";
import { CALL_SECONDS, STALL_SECONDS } from "@offloop/watchdog/metrics";
import { executorGauges } from "@offloop/workers/observe";
import { attribute } from "./attributes.js";
import { outcomeAttributes } from "./outcome.js";

/** The instruments of one meter. */
export class Measures {
  readonly #wait: Histogram;
  readonly #run: Histogram;
  readonly #requeues: Counter;
  readonly #exits: Counter;
  readonly #stalls: Histogram;
  readonly #gauges: { readonly queued: Observable; readonly running: Observable; readonly workers: Observable; readonly saturation: Observable };
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
    const seconds = (name: string, description: string, bounds: readonly number[]): Histogram => meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries: [...bounds] } });
    this.#wait = seconds("offloop.call.wait.duration", "The time from the submission of a call until a worker begins it.", CALL_SECONDS);
    this.#run = seconds("offloop.call.run.duration", "The time for which a worker runs a call.", CALL_SECONDS);
    this.#stalls = seconds("offloop.stall.duration", "The time for which the event loop did not turn.", STALL_SECONDS);
    this.#requeues = meter.createCounter("offloop.call.requeues", { description: "The number of times that a call returned to the queue.", unit: "{requeue}" });
    this.#exits = meter.createCounter("offloop.worker.exits", { description: "The number of workers that have ended.", unit: "{worker}" });
    this.#gauges = {
      queued: meter.createObservableGauge("offloop.executor.queue.length", { description: "The number of calls that wait for a worker.", unit: "{call}" }),
      running: meter.createObservableGauge("offloop.executor.running", { description: "The number of calls that workers have.", unit: "{call}" }),
      workers: meter.createObservableGauge("offloop.executor.workers", { description: "The number of workers that can take a call.", unit: "{worker}" }),
      saturation: meter.createObservableGauge("offloop.executor.saturation", { description: "The share of the largest number of workers that is busy.", unit: "1" }),
    };
  }

  settled(call: CallSettledEvent): void {
    const { queuedMs, runMs } = call;
    if (queuedMs === undefined) return; // it was submitted before anybody listened
    const attributes = { [attribute.functionName]: call.callName, ...executorOf(call), ...outcomeAttributes(call), ...(call.host === undefined ? {} : { [attribute.hostName]: call.host }) };
    this.#wait.record(queuedMs / 1000, attributes);
    if (runMs !== undefined) this.#run.record(runMs / 1000, attributes);
  }

  requeued(call: CallRequeuedEvent): void {
    this.#requeues.add(1, { [attribute.functionName]: call.callName, ...executorOf(call) });
  }

  exited(exit: WorkerExitedEvent): void {
    this.#exits.add(1, { ...executorOf(exit), [attribute.workerExpected]: exit.expected });
  }

  stalled({ durationMs, kind }: Stall): void {
    this.#stalls.record(durationMs / 1000, { [attribute.stallKind]: kind });
  }

  /** Lets each collection read the executors. @returns ends it */
  observe(): () => void {
    const gauges = Object.values(this.#gauges);
    this.#meter.addBatchObservableCallback(this.#read, gauges);
    return () => this.#meter.removeBatchObservableCallback(this.#read, gauges);
  }

  readonly #read: BatchObservableCallback = (result) => {
    for (const { kind, name, queued, running, workers, busy, maxWorkers } of executorGauges()) {
      const attributes = { [attribute.executorKind]: kind, [attribute.executorName]: name };
      result.observe(this.#gauges.queued, queued, attributes);
      result.observe(this.#gauges.running, running, attributes);
      result.observe(this.#gauges.workers, workers, attributes);
      result.observe(this.#gauges.saturation, maxWorkers === 0 ? 0 : Math.min(1, busy / maxWorkers), attributes);
    }
  };
}

function executorOf({ executor, executorName }: CallRequeuedEvent | CallSettledEvent | WorkerExitedEvent): Attributes {
  return { [attribute.executorKind]: executor, [attribute.executorName]: executorName };
}
