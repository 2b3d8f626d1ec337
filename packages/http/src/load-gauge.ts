// Decides whether a server has room for one more request: by the executor's queue, by the watchdog's stalls, and by what the
// process uses.
import { toThread } from "@offloop/core";
import { checkOptions, type Executor, finiteNumber, integerOrInfinity, objectWith, type OptionTable, spanMs } from "@offloop/workers/executor";
import { heldLoop, type HoldingPlace, listenForStalls } from "./held-loop.js";
import { type ProcessLoad, processLoad } from "./process-load.js";
import { ServiceRate } from "./service-rate.js";

export type { HoldingPlace } from "./held-loop.js";
export type { ProcessLoad } from "./process-load.js";

/** What a server, or one of its routes, allows. */
export interface LoadLimits {
  /** The number of calls that may wait for a worker. @default Infinity: the executor's own `maxQueue` is the limit */
  maxQueue?: number | undefined;
  /**
   * How long a new call may have to wait for a worker, in milliseconds. The expected wait is the number of waiting calls, times
   * their measured run time, divided by the number of workers.
   * @default Infinity
   */
  maxWaitMs?: number | undefined;
  /**
   * The share of the last second in which the event loop may have been held, from 0 to 1. It takes effect where a watchdog runs
   * in this thread. 1: no limit.
   * @default 0.5: a guess; half of the second is left for answers
   */
  maxLoopHeld?: number | undefined;
  /** How late the event loop may turn, in milliseconds: the mean over the last second. @default Infinity */
  maxLoopDelayMs?: number | undefined;
  /** The share of the last second in which the event loop may have been busy, from 0 to 1. @default 1: no limit */
  maxLoopUtilization?: number | undefined;
  /** The heap that this thread may use, in bytes, at the last sample. @default Infinity */
  maxHeapUsedBytes?: number | undefined;
  /** The memory that the process may use with its worker threads (resident set size), in bytes, at the last sample. @default Infinity */
  maxRssBytes?: number | undefined;
  /** When a refused client may try again, in milliseconds, at the earliest. The expected wait counts where it is longer. @default 1,000 */
  retryAfterMs?: number | undefined;
}

/** Options of a `LoadGauge`. */
export interface LoadGaugeOptions extends LoadLimits {
  /** The executor whose queue counts. @default the executor of `toThread` */
  executor?: Executor | undefined;
}

/**
 * The limit that was exceeded: `queue-full` is `maxQueue`, `long-wait` is `maxWaitMs`, `loop-held` is `maxLoopHeld`, `loop-delay` is
 * `maxLoopDelayMs`, `loop-utilization` is `maxLoopUtilization`, `heap-used` is `maxHeapUsedBytes`, `rss` is `maxRssBytes`.
 * `unhealthy`: the health check of `@offloop/fastify` failed.
 */
export type RefusalReason = "queue-full" | "long-wait" | "loop-held" | "loop-delay" | "loop-utilization" | "heap-used" | "rss" | "unhealthy";

/** The state of the server, as it was measured. */
export interface LoadReading {
  /** The number of workers that have started. */
  readonly workers: number;
  /** The number of calls that workers run. */
  readonly running: number;
  /** The number of calls that wait for a worker. */
  readonly queued: number;
  /** The time until a call that is submitted now would start, in milliseconds. */
  readonly expectedWaitMs: number;
  /** The share of the last second in which the loop was held, from 0 to 1. */
  readonly loopHeld: number;
  /** The line that held the loop last. `undefined`: it was not held, or no watchdog runs. */
  readonly heldBy: HoldingPlace | undefined;
  /** The request that held the loop last. */
  readonly heldRequest: string | undefined;
  /** What the process used in the last second. `undefined`: no limit asks for it. */
  readonly process: ProcessLoad | undefined;
}

/** Why a request is refused. */
export interface Refusal extends LoadReading {
  /** The limit that was exceeded. */
  readonly reason: RefusalReason;
  /** When a client may try again, in milliseconds: whole seconds, at least 1,000. The header `Retry-After` has it in seconds. */
  readonly retryAfterMs: number;
}

type Limits = { readonly [K in keyof LoadLimits]-?: number };

const defaultLimits: Limits = Object.freeze({ maxQueue: Infinity, maxWaitMs: Infinity, maxLoopHeld: 0.5, maxLoopDelayMs: Infinity, maxLoopUtilization: 1, maxHeapUsedBytes: Infinity, maxRssBytes: Infinity, retryAfterMs: 1_000 });

const share = { takes: "a number from 0 to 1", accepts: (value: unknown) => finiteNumber.accepts(value) && (value as number) >= 0 && (value as number) <= 1 };

/** The types of `LoadLimits`, for options that extend them. */
export const loadLimitTypes: OptionTable<LoadLimits> = {
  maxQueue: integerOrInfinity(0),
  maxWaitMs: spanMs,
  maxLoopHeld: share,
  maxLoopDelayMs: spanMs,
  maxLoopUtilization: share,
  maxHeapUsedBytes: integerOrInfinity(1),
  maxRssBytes: integerOrInfinity(1),
  retryAfterMs: { takes: "milliseconds: a number of 0 or more", accepts: (value) => finiteNumber.accepts(value) && (value as number) >= 0 },
};

/** The type of the option `executor`. */
export const anExecutor = objectWith(["submit", "stats", "with"], "an executor, such as new ThreadPoolExecutor()");

const gaugeTypes: OptionTable<LoadGaugeOptions> = { ...loadLimitTypes, executor: anExecutor };

const asksForProcess = ({ maxLoopDelayMs, maxLoopUtilization, maxHeapUsedBytes, maxRssBytes }: Limits): boolean =>
  maxLoopDelayMs < Infinity || maxLoopUtilization < 1 || maxHeapUsedBytes < Infinity || maxRssBytes < Infinity;

/**
 * Measures how loaded a server is. It costs one `stats()` of the executor for each reading.
 * @throws InvalidOptionError
 */
export class LoadGauge {
  readonly #stats: () => ReturnType<Executor["stats"]>;
  readonly #rate = new ServiceRate();
  readonly #limits: Limits;

  constructor(options?: LoadGaugeOptions) {
    const { executor, ...limits } = checkOptions("new LoadGauge()", options, gaugeTypes);
    this.#stats = executor === undefined ? () => toThread.stats() : () => executor.stats();
    this.#limits = { ...defaultLimits, ...(limits as Partial<Limits>) };
    listenForStalls();
    if (asksForProcess(this.#limits)) processLoad(); // the first second begins now
  }

  /** The state of the server now. */
  read(): LoadReading {
    return this.#read(this.#limits);
  }

  #read(limits: Limits): LoadReading {
    const stats = this.#stats();
    const { workers, running, queued } = stats;
    const held = heldLoop();
    return {
      workers,
      running,
      queued,
      expectedWaitMs: this.#rate.expectedWaitMs(stats),
      loopHeld: held?.share ?? 0,
      heldBy: held?.place,
      heldRequest: held?.request,
      process: asksForProcess(limits) ? processLoad() : undefined,
    };
  }

  /**
   * Whether a request is to be refused now.
   * @param limits what its route allows, where that differs from the gauge's own limits
   * @returns `undefined`: there is room
   * @throws InvalidOptionError
   */
  refusal(limits?: LoadLimits): Refusal | undefined {
    const allowed = limits === undefined ? this.#limits : { ...this.#limits, ...(checkOptions("refusal()", limits, loadLimitTypes) as Partial<Limits>) };
    const reading = this.#read(allowed);
    const reason = exceeded(reading, allowed);
    return reason && { ...reading, reason, retryAfterMs: wholeSeconds(Math.max(reading.expectedWaitMs, allowed.retryAfterMs)) };
  }
}

function exceeded({ queued, expectedWaitMs, loopHeld, process }: LoadReading, limits: Limits): RefusalReason | undefined {
  if (queued > 0 && queued >= limits.maxQueue) return "queue-full";
  if (expectedWaitMs > limits.maxWaitMs) return "long-wait";
  if (loopHeld > limits.maxLoopHeld) return "loop-held";
  if (process === undefined) return undefined;
  if (process.loopDelayMs > limits.maxLoopDelayMs) return "loop-delay";
  if (process.loopUtilization > limits.maxLoopUtilization) return "loop-utilization";
  if (process.heapUsedBytes > limits.maxHeapUsedBytes) return "heap-used";
  return process.rssBytes > limits.maxRssBytes ? "rss" : undefined;
}

/** `Retry-After` is in whole seconds, and 0 would not spread the load. */
const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000)) * 1_000;
