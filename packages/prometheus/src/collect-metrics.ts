// collectOffloopMetrics(): connects the channels of executors and watchdogs with the metrics of a registry.
import { type StallEndEvent, stallChannels } from "@offloop/watchdog";
import { channels } from "@offloop/workers";
import { Subscriptions } from "@offloop/workers/observe";
import { Instruments } from "./instruments.js";
import { type OffloopMetricsOptions, resolveOptions } from "./options.js";

export type { OffloopMetricsOptions } from "./options.js";

/** Metrics that are being collected. */
export interface OffloopMetrics extends Disposable {
  /** Ends the collection, and takes the metrics out of the registry. A second call does nothing. */
  stop(): void;
}

/**
 * Collects metrics of this thread in a registry of prom-client: how long calls wait and run, the workers and queues of the executors
 * that live, and the stalls that watchdogs report. It starts no watchdog, and does not keep the process alive.
 *
 * It listens to diagnostics channels until `stop()`. The number of time series is bounded: 50 executors are told apart by their kind and
 * name, and all further ones are added up as `other`.
 * @throws InvalidOptionError an option is unknown, has a value that it does not take, or the registry has these metrics already
 * @example
 * ```ts
 * import { collectOffloopMetrics } from "@offloop/prometheus";
 * import { register } from "prom-client";
 * collectOffloopMetrics({ register });
 * ```
 */
export function collectOffloopMetrics(options?: OffloopMetricsOptions): OffloopMetrics {
  const { register, functions } = resolveOptions(options);
  const instruments = new Instruments(register, functions);
  const subscriptions = new Subscriptions();
  subscriptions.add(channels.callSettled, (call) => instruments.settled(call));
  subscriptions.add(channels.callRequeued, (call) => instruments.requeued(call));
  subscriptions.add(channels.workerExited, (exit) => instruments.exited(exit));
  subscriptions.add<StallEndEvent>({ name: stallChannels.end }, ({ stall }) => instruments.stalled(stall));
  subscriptions.addUndo(() => instruments.remove());
  const stop = (): void => subscriptions.end();
  return { stop, [Symbol.dispose]: stop };
}
