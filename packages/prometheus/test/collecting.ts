// A registry with the metrics of offloop, and pools that are shut down when the test ends.
import { execFileSync } from "node:child_process";
import { channel } from "node:diagnostics_channel";
import { collectOffloopMetrics, type OffloopMetrics, type OffloopMetricsOptions } from "@offloop/prometheus";
import { type Stall, type StallEndEvent, stallChannels } from "@offloop/watchdog";
import { ProcessPoolExecutor, type PoolOptions, ThreadPoolExecutor } from "@offloop/workers";
import { Registry } from "prom-client";
import { expect, onTestFinished } from "vitest";

interface Value {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Collecting {
  readonly register: Registry;
  readonly metrics: OffloopMetrics;
  /** The values of a metric: of a histogram with the suffix `_bucket`, `_sum` or `_count`. */
  values(name: string): Promise<Value[]>;
  /** The text of a scrape, if promtool finds nothing wrong with it. */
  scrape(): Promise<string>;
}

export function startCollecting(options: OffloopMetricsOptions = {}): Collecting {
  const register = options.register ?? new Registry();
  const metrics = collectOffloopMetrics({ ...options, register });
  onTestFinished(() => metrics.stop());
  return {
    register,
    metrics,
    async values(name) {
      const all = (await register.getMetricsAsJSON()) as unknown as { readonly name: string; readonly values: readonly (Omit<Value, "name"> & { readonly metricName?: string })[] }[];
      return all.flatMap((metric) => metric.values.map(({ labels, value, metricName = metric.name }) => ({ name: metricName, labels, value }))).filter((each) => each.name === name);
    },
    async scrape() {
      const text = await register.metrics();
      expect(execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })).toBe("");
      return text;
    },
  };
}

export const kinds = ["thread", "process"] as const;

export function makePool(kind: (typeof kinds)[number], options: PoolOptions = {}): ThreadPoolExecutor | ProcessPoolExecutor {
  const pool = new (kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor)({ maxWorkers: 1, ...options });
  onTestFinished(() => pool.shutdown({ cancelPending: true, timeoutMs: 0 }));
  return pool;
}

/** Publishes the end of a stall, as a watchdog does. */
export function publishStall(kind: Stall["kind"], durationMs: number): void {
  channel(stallChannels.end).publish({ stall: { kind, durationMs } as Stall } satisfies StallEndEvent);
}
