// What a watched thread says of itself while somebody looks at it: the live page or `offloop top`. Nothing of it is recorded
// before, and a sample crosses as JSON.
import type { BucketCounts } from "./bucket-counts.js";

/** A task, as `@offloop/core` publishes it. */
export interface TaskState {
  readonly id: number;
  readonly name: string;
  /** The name of its function. */
  readonly body: string;
  /** What it waits for, if that is no task: `Queue.get()`, `sleep()`. */
  readonly waitsFor: readonly string[];
  /** The ids of the tasks that it awaits. */
  readonly awaits: readonly number[];
  /** The stack frames at which it waits, in debug mode. */
  readonly stack: readonly string[];
}

/** A pool, as `@offloop/workers` publishes it. */
export interface PoolState {
  readonly kind: string;
  /** `undefined`: its version of the package knows no names. */
  readonly name?: string | undefined;
  /** The process that has it. `undefined`: there is only one. */
  readonly process?: number | undefined;
  readonly queued: number;
  readonly maxWorkers: number;
  /** The number of calls whose futures are settled. */
  readonly settled: number;
  readonly workers: readonly WorkerState[];
}

/** A worker of a pool. */
export interface WorkerState {
  readonly id: number;
  /** The thread or the process that it is, if it is one of this machine. */
  readonly location?: { readonly threadId?: number; readonly pid?: number } | undefined;
  readonly phase: string;
  /** The call that it runs. */
  readonly call: string | undefined;
  /** The milliseconds for which it has run the call. */
  readonly runMs: number | undefined;
  /** The mean run time of the call's function, in milliseconds; `undefined`: no call of it has ended. */
  readonly meanMs?: number | undefined;
  /** The number of further calls that it has been sent. */
  readonly held: number;
}

/** How long the calls of one executor waited or ran, since the last sample. */
export interface Durations {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** The calls of one executor that were settled since the last sample. */
interface ExecutorFigures {
  /** The name of the executor. */
  readonly executor: string;
  readonly process?: number | undefined;
  readonly settled: number;
  /** From the submission until a worker began; `undefined`: no call was seen to begin. */
  readonly wait: Durations | undefined;
  readonly run: Durations | undefined;
}

/** The calls of one function, since somebody looks. */
export interface FunctionFigures {
  readonly name: string;
  /** The number of calls that have ended. */
  readonly count: number;
  /** 0: no call has ended. */
  readonly meanMs: number;
  /** Of all calls, also of those that run. */
  readonly longestMs: number;
  readonly totalMs: number;
}

/** A call that has run. */
export interface CallSpan {
  /** The name of the executor. */
  readonly executor: string;
  readonly process?: number | undefined;
  readonly worker: number;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly runMs: number;
  readonly outcome: string;
}

/** The calls of one executor that ended in the same way, with times in seconds. */
interface OutcomeFigures {
  readonly executor: string;
  readonly kind: string;
  readonly outcome: string;
  readonly wait: BucketCounts;
  /** Of those that a worker has begun. */
  readonly run: BucketCounts;
}

/** The calls since the last sample. */
export interface CallFigures {
  readonly executors: readonly ExecutorFigures[];
  readonly outcomes: readonly OutcomeFigures[];
  readonly requeues: readonly { readonly executor: string; readonly kind: string; readonly count: number }[];
  readonly exits: readonly { readonly executor: string; readonly kind: string; readonly expected: boolean; readonly count: number }[];
  /** The functions with the longest runs. */
  readonly functions: readonly FunctionFigures[];
  /** The newest calls. */
  readonly spans: readonly CallSpan[];
  /** The number of calls that are not among `spans`, because they were too many. */
  readonly leftOut: number;
}

/** What libraries publish of their own state. */
export interface PublishedState {
  readonly pools: readonly PoolState[];
  readonly taskCount: number;
  /** What tasks wait for, with the number of tasks, the most frequent first. Of the first 10,000 tasks. */
  readonly waits: readonly (readonly [what: string, count: number])[];
}

/** One look at the watched thread. */
export interface Sample extends PublishedState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the start of the process. */
  readonly upMs: number;
  /** The delay of the event loop since the last sample; `null`: it was not measured. */
  readonly delay: Durations | null;
  /** The share of the time in which the loop did not wait for events, from 0 to 1. */
  readonly utilization: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  readonly calls: CallFigures;
}
