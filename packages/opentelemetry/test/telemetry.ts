// The SDK of these tests: spans and metrics in memory, the context in an AsyncLocalStorage.
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { type OffloopInstrumentationConfig, OffloopInstrumentation } from "@offloop/opentelemetry";
import { AggregationTemporality, type DataPoint, type Histogram, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ProcessPoolExecutor, type PoolOptions, ThreadPoolExecutor } from "@offloop/workers";
import { onTestFinished } from "vitest";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

export interface Telemetry {
  readonly instrumentation: OffloopInstrumentation;
  readonly provider: BasicTracerProvider;
  spans(): ReadableSpan[];
  /** Collects, and returns the data points of a metric. */
  points(metric: string): Promise<DataPoint<number | Histogram>[]>;
  unitOf(metric: string): string | undefined;
}

/** An instrumentation that is disabled when the test ends. */
export function startTelemetry(config?: OffloopInstrumentationConfig): Telemetry {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 2 ** 30 });
  const meters = new MeterProvider({ readers: [reader] });
  const instrumentation = new OffloopInstrumentation(config);
  instrumentation.setTracerProvider(provider);
  instrumentation.setMeterProvider(meters);
  onTestFinished(async () => {
    instrumentation.disable();
    await meters.shutdown();
  });
  const find = (name: string) => measured.getMetrics().at(-1)?.scopeMetrics.flatMap(({ metrics }) => metrics).find(({ descriptor }) => descriptor.name === name);
  return {
    instrumentation,
    provider,
    spans: () => exporter.getFinishedSpans(),
    async points(name) {
      measured.reset();
      await reader.forceFlush();
      return (find(name)?.dataPoints ?? []) as DataPoint<number | Histogram>[];
    },
    unitOf: (name) => find(name)?.descriptor.unit,
  };
}

export const kinds = ["thread", "process"] as const;

/** A pool that is shut down when the test ends. */
export function makePool(kind: (typeof kinds)[number], options: PoolOptions = {}): ThreadPoolExecutor | ProcessPoolExecutor {
  const pool = new (kind === "thread" ? ThreadPoolExecutor : ProcessPoolExecutor)({ maxWorkers: 1, ...options });
  onTestFinished(() => pool.shutdown({ cancelPending: true, timeoutMs: 0 }));
  return pool;
}

export const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1_000 + nanoseconds / 1e6;
