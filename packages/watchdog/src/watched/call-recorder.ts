// Records the calls of executors, by the diagnostics channels of @offloop/workers, while somebody looks. Subscribing makes
// the executors build and publish their events; before and after that, nothing is built.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createHistogram, performance, type RecordableHistogram } from "node:perf_hooks";
import { Buckets } from "../protocol/bucket-counts.js";
import { CALL_SECONDS } from "../protocol/metrics.js";
import type { CallFigures, CallSpan, Durations, FunctionFigures } from "../protocol/sample.js";

/** The number of calls of a sample that are told one by one. */
const MOST_SPANS = 400;

/** The number of functions that are told, and that are kept. */
const MOST_FUNCTIONS = 20;
const MOST_KEPT = 1_000;

/** The fields of the events that are read. */
interface CallEvent {
  readonly callId: number;
  readonly callName: string;
  /** The kind of the executor. */
  readonly executor: string;
  readonly executorName?: string;
  readonly workerId?: number;
  readonly outcome?: string;
  /** Of a call that has run, as its worker has measured it. */
  readonly queuedMs?: number | undefined;
  readonly runMs?: number | undefined;
}

interface WorkerEvent {
  readonly executor: string;
  readonly executorName?: string;
  readonly expected: boolean;
}

/** A call that is not settled. */
interface Pending {
  readonly submittedAt: number;
  /** That has it. */
  worker: number | undefined;
}

interface Executor {
  settled: number;
  readonly wait: RecordableHistogram;
  readonly run: RecordableHistogram;
}

interface Counted {
  count: number;
  totalMs: number;
  longestMs: number;
}

interface ExecutorKey {
  readonly executor: string;
  readonly kind: string;
}

interface OutcomeKey extends ExecutorKey {
  readonly outcome: string;
}

/** The calls that ended in the same way. */
class Outcome {
  readonly wait = new Buckets(CALL_SECONDS);
  readonly run = new Buckets(CALL_SECONDS);

  observe(queuedMs: number, runMs: number | undefined): void {
    this.wait.observe(queuedMs / 1_000);
    if (runMs !== undefined) this.run.observe(runMs / 1_000);
  }
}

export class CallRecorder {
  readonly #pending = new Map<number, Pending>();
  readonly #executors = new Map<string, Executor>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #requeues = new Map<string, number>();
  readonly #exits = new Map<string, number>();
  readonly #functions = new Map<string, Counted>();
  #spans: CallSpan[] = [];
  #leftOut = 0;
  readonly #listeners: readonly (readonly [channel: string, listener: (event: unknown) => void])[] = [
    ["offloop:call:submitted", (event) => this.#submitted(event as CallEvent)],
    ["offloop:call:sent", (event) => this.#sent(event as CallEvent)],
    ["offloop:call:requeued", (event) => this.#requeued(event as CallEvent)],
    ["offloop:call:settled", (event) => this.#settled(event as CallEvent)],
    ["offloop:worker:exited", (event) => this.#exited(event as WorkerEvent)],
  ];

  constructor() {
    for (const [channel, listener] of this.#listeners) subscribe(channel, listener);
  }

  close(): void {
    for (const [channel, listener] of this.#listeners) unsubscribe(channel, listener);
  }

  /** The calls since the last time that this was called. */
  take(): CallFigures {
    const executors = [...this.#executors].map(([executor, { settled, wait, run }]) => ({ executor, settled, wait: durationsOf(wait, fromMicros), run: durationsOf(run, fromMicros) }));
    const outcomes = [...this.#outcomes].map(([key, { wait, run }]) => ({ ...(JSON.parse(key) as OutcomeKey), wait: { counts: wait.counts, sum: wait.sum }, run: { counts: run.counts, sum: run.sum } }));
    const requeues = [...this.#requeues].map(([key, count]) => ({ ...(JSON.parse(key) as ExecutorKey), count }));
    const exits = [...this.#exits].map(([key, count]) => ({ ...(JSON.parse(key) as ExecutorKey & { readonly expected: boolean }), count }));
    const functions: FunctionFigures[] = [...this.#functions].map(([name, { count, totalMs, longestMs }]) => ({ name, count, meanMs: totalMs / count, longestMs, totalMs }));
    const figures: CallFigures = { executors, outcomes, requeues, exits, functions: mostTelling(functions), spans: this.#spans, leftOut: this.#leftOut };
    for (const counted of [this.#executors, this.#outcomes, this.#requeues, this.#exits]) counted.clear();
    this.#spans = [];
    this.#leftOut = 0;
    return figures;
  }

  #submitted({ callId }: CallEvent): void {
    this.#pending.set(callId, { submittedAt: performance.now(), worker: undefined });
  }

  #sent({ callId, workerId }: CallEvent): void {
    const call = this.#pending.get(callId);
    if (call !== undefined) call.worker = workerId; // otherwise it was submitted before
  }

  #requeued({ callId, executor, executorName = executor }: CallEvent): void {
    count(this.#requeues, JSON.stringify({ executor: executorName, kind: executor }));
    const call = this.#pending.get(callId);
    if (call !== undefined) call.worker = undefined;
  }

  #exited({ executor, executorName = executor, expected }: WorkerEvent): void {
    count(this.#exits, JSON.stringify({ executor: executorName, kind: executor, expected }));
  }

  #settled({ callId, callName, executor: kind, executorName = kind, outcome = "", queuedMs, runMs }: CallEvent): void {
    const executor = this.#executorOf(executorName);
    executor.settled += 1;
    if (queuedMs !== undefined) this.#outcomeOf({ executor: executorName, kind, outcome }).observe(queuedMs, runMs);
    const call = this.#pending.get(callId);
    this.#pending.delete(callId);
    if (call?.worker === undefined || queuedMs === undefined || runMs === undefined) return;
    executor.wait.record(micros(queuedMs));
    executor.run.record(micros(runMs));
    this.#count(callName, runMs);
    if (this.#spans.length >= MOST_SPANS) {
      this.#spans.shift();
      this.#leftOut += 1;
    }
    this.#spans.push({ executor: executorName, worker: call.worker, name: callName, startedAt: performance.timeOrigin + call.submittedAt + queuedMs, runMs, outcome });
  }

  #executorOf(name: string): Executor {
    let executor = this.#executors.get(name);
    if (executor === undefined) this.#executors.set(name, (executor = { settled: 0, wait: createHistogram(), run: createHistogram() }));
    return executor;
  }

  #outcomeOf(key: OutcomeKey): Outcome {
    const text = JSON.stringify(key);
    let outcome = this.#outcomes.get(text);
    if (outcome === undefined) this.#outcomes.set(text, (outcome = new Outcome()));
    return outcome;
  }

  #count(name: string, runMs: number): void {
    const key = this.#functions.has(name) || this.#functions.size < MOST_KEPT ? name : "…";
    const counted = this.#functions.get(key) ?? { count: 0, totalMs: 0, longestMs: 0 };
    counted.count += 1;
    counted.totalMs += runMs;
    counted.longestMs = Math.max(counted.longestMs, runMs);
    this.#functions.set(key, counted);
  }
}

/** The figures of a histogram; `undefined`: nothing was recorded. */
export function durationsOf(histogram: { readonly count: number; readonly mean: number; readonly max: number; percentile(percent: number): number }, toMs: (value: number) => number): Durations | undefined {
  return histogram.count === 0 ? undefined : { meanMs: toMs(histogram.mean), p99Ms: toMs(histogram.percentile(99)), longestMs: toMs(histogram.max) };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** A histogram takes integers from 1 on. */
const micros = (ms: number): number => Math.max(1, Math.round(ms * 1000));
const fromMicros = (value: number): number => value / 1000;

/** The functions with the longest runs, and those that took most time in all. */
function mostTelling(functions: readonly FunctionFigures[]): FunctionFigures[] {
  const first = (by: "longestMs" | "totalMs" | "meanMs"): FunctionFigures[] => functions.toSorted((a, b) => b[by] - a[by]).slice(0, MOST_FUNCTIONS);
  return [...new Set([...first("longestMs"), ...first("totalMs"), ...first("meanMs")])];
}
