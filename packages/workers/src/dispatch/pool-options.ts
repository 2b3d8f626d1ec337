// Options that every pool takes: type, defaults and check.
import type { SHARE_ENV } from "node:worker_threads";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import {
  anything, atLeastMs, callback, checkOptions, environment, integer, integerOrInfinity, invalidOption, nameText, type OptionTable, type OptionType, spanMs, stringList,
} from "../executor/check-options.js";

/** Options of a pool. Each is optional. */
export interface PoolOptions {
  /**
   * The name of the pool in events, metrics and tools. Give each pool of a program another one.
   * @default the kind of its workers: "thread", "process"
   */
  name?: string | undefined;
  /**
   * The number of workers that stay when idle. They start with the first call, or with `warmUp`.
   * @default 0; 0 to maxWorkers
   */
  minWorkers?: number | undefined;
  /**
   * The largest number of workers that compute. The default leaves one core to the event loop. A worker that waits for
   * `fromThread` does not count: another worker starts if calls wait, because the function may wait for one of them.
   * @default `availableParallelism() - 1`, and at least 1; 1 to 1024
   */
  maxWorkers?: number | undefined;
  /**
   * The number of further workers for calls that block: they wait for a file, a socket, another process or a timer, and
   * use a processor for less than half of their time. The pool measures this while calls wait, and remembers it for each
   * function. On systems other than Linux it sees only calls that wait asynchronously, and none in processes.
   * @default with `maxWorkers`: 0; else as many as make `min(32, availableParallelism() + 4)` workers, as in Python; 0 to 1024
   */
  maxBlockedWorkers?: number | undefined;
  /**
   * Milliseconds after which an idle worker above `minWorkers` ends.
   * @default 10000: longer than the gaps of a steady load, short enough to give memory back; a guess
   */
  idleTimeoutMs?: number | undefined;
  /**
   * Milliseconds that an idle worker may take to end: it runs `teardown`, and waits for file operations that calls
   * began and did not await. After that the pool ends it by force. `Infinity`: never by force, so a shutdown may
   * not end.
   * @default 5000: long enough for an orderly clean-up; a guess
   */
  closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a worker may take to start, `setup` included. After that it is ended, and its calls reject with
   * `WorkerStartError`. Time in which this program is blocked or suspended does not count. Use `Infinity` to debug a
   * `setup` step by step.
   * @default 90000, as service managers have it: a set-up that loads much data takes seconds; a guess; 1 and up, or Infinity
   */
  startTimeoutMs?: number | undefined;
  /**
   * How many calls may wait for a worker. A further call rejects with `QueueFullError`. 0: a call needs a free worker.
   * @default Infinity; 0 and up
   */
  maxQueue?: number | undefined;
  /** Environment variables of the workers. With `SHARE_ENV` of `node:worker_threads`, threads share the variables of this process. @default a copy of the variables of this process */
  env?: Readonly<Record<string, string | undefined>> | typeof SHARE_ENV | undefined;
  /** Node options of the workers, such as `["--import", "tsx"]`. @default the options of this process */
  execArgv?: readonly string[] | undefined;
  /**
   * Heap limit of each worker's old generation, in bytes. A call that reaches it rejects with
   * `OutOfMemoryError`, and the pool replaces the worker.
   * @default Node's own limit; 4 MiB and up
   */
  maxHeapBytes?: number | undefined;
  /**
   * The pool replaces a worker whose heap holds more bytes than this after a call: for code that leaks.
   * @default Infinity, in bytes; 1 MiB and up
   */
  recycleAboveHeapBytes?: number | undefined;
  /**
   * The pool replaces a worker after this many calls. The successor starts before the worker ends.
   * @default Infinity; 1 and up
   */
  maxTasksPerWorker?: number | undefined;
  /**
   * The pool replaces an idle worker that has been ready for longer than this many milliseconds. The time of its start
   * does not count.
   * @default Infinity; 1 and up
   */
  maxWorkerAgeMs?: number | undefined;
  /**
   * A module whose export `setup` (or default export) runs in each worker before its first call, with `setupData`
   * as its argument. `taskContext().setup` is its awaited result. If it throws, the worker does not start.
   * @default none
   */
  setup?: string | URL | undefined;
  /** The argument of `setup`, copied to each worker. @default none */
  setupData?: unknown;
  /** A module whose export `teardown` (or default export) runs before a worker is closed, not before it is killed. Its argument is the result of `setup`. @default none */
  teardown?: string | URL | undefined;
  /**
   * Receives each line that the workers print. The lines are then not printed.
   * @default undefined: the workers print to the standard streams of this process
   */
  onOutput?: ((line: OutputLine) => void) | undefined;
  /**
   * Added to the `nice` value of the workers: a higher value yields the processor to the event loop. Threads: on Linux only.
   * @default 5: on a contended core the event loop goes first, and idle cores are used in full; a guess; 0 to 19
   */
  nice?: number | undefined;
}

/** A line that a worker has printed. */
export interface OutputLine {
  /** The worker that wrote the line, as in events. */
  readonly workerId: number;
  /** The call that ran when the line began; `undefined` between calls. */
  readonly callName: string | undefined;
  /** The stream to which the worker wrote. */
  readonly stream: "stdout" | "stderr";
  /** Without its line end. */
  readonly text: string;
}

/** Pool options with every default filled in. */
export interface ResolvedPoolOptions {
  /** `undefined`: the kind of its workers. */
  readonly name: string | undefined;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly maxBlockedWorkers: number;
  readonly idleTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly maxQueue: number;
  readonly env: Readonly<Record<string, string | undefined>> | typeof SHARE_ENV | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly maxHeapBytes: number | undefined;
  readonly recycleAboveHeapBytes: number;
  readonly maxTasksPerWorker: number;
  readonly maxWorkerAgeMs: number;
  readonly setup: string | undefined;
  readonly setupData: unknown;
  readonly teardown: string | undefined;
  readonly onOutput: ((line: OutputLine) => void) | undefined;
  readonly nice: number;
}

/** The number of workers that a pool without `maxWorkers` has if they are blocked. Python's default of `max_workers`. */
function defaultMostWorkers(): number {
  return Math.min(32, process.getBuiltinModule("node:os").availableParallelism() + 4);
}

/** The default of `maxWorkers`. */
function defaultMaxWorkers(): number {
  return Math.max(1, process.getBuiltinModule("node:os").availableParallelism() - 1);
}

const aModule: OptionType = {
  takes: 'a module: an absolute URL, such as new URL("./setup.js", import.meta.url), or an absolute path',
  accepts: (value) => value instanceof URL || (typeof value === "string" && (isAbsolute(value) || URL.canParse(value))),
};

const poolOptionTypes: OptionTable<PoolOptions> = {
  name: nameText,
  minWorkers: integer(0, 1_024),
  maxWorkers: integer(1, 1_024),
  maxBlockedWorkers: integer(0, 1_024),
  idleTimeoutMs: spanMs,
  closeTimeoutMs: spanMs,
  startTimeoutMs: atLeastMs(1),
  maxQueue: integerOrInfinity(0),
  env: environment,
  execArgv: stringList,
  maxHeapBytes: integer(4 * 2 ** 20),
  recycleAboveHeapBytes: integerOrInfinity(2 ** 20),
  maxTasksPerWorker: integerOrInfinity(1),
  maxWorkerAgeMs: atLeastMs(1),
  setup: aModule,
  setupData: anything,
  teardown: aModule,
  onOutput: callback,
  nice: integer(0, 19),
};

const defaultPoolOptions = Object.freeze({
  name: undefined,
  minWorkers: 0,
  idleTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  startTimeoutMs: 90_000,
  maxQueue: Infinity,
  execArgv: undefined,
  maxHeapBytes: undefined,
  recycleAboveHeapBytes: Infinity,
  maxTasksPerWorker: Infinity,
  maxWorkerAgeMs: Infinity,
  setupData: undefined,
  onOutput: undefined,
  nice: 5,
});

/**
 * Checks pool options and fills in the defaults.
 * @param refused options that a kind of worker cannot have, each with the reason
 * @param of the function that took the options, for the message
 * @throws InvalidOptionError names the first option that does not fit, and any that is unknown or refused
 */
export function resolvePoolOptions(options?: PoolOptions, refused: Readonly<Partial<Record<keyof PoolOptions, string>>> = {}, of = "the pool"): ResolvedPoolOptions {
  const given = checkOptions(of, options, poolOptionTypes);
  for (const [key, reason] of Object.entries(refused)) {
    const value = given[key as keyof PoolOptions];
    if (value !== undefined) throw invalidOption(of, key, value, `no value here: ${reason}`);
  }
  const minWorkers = given.minWorkers ?? defaultPoolOptions.minWorkers;
  const maxWorkers = given.maxWorkers ?? Math.max(defaultMaxWorkers(), minWorkers);
  if (minWorkers > maxWorkers) throw invalidOption(of, "minWorkers", minWorkers, `at most maxWorkers, which is ${maxWorkers}`);
  return {
    ...defaultPoolOptions,
    ...given,
    maxWorkers,
    maxBlockedWorkers: given.maxBlockedWorkers ?? (given.maxWorkers === undefined ? Math.max(0, defaultMostWorkers() - maxWorkers) : 0),
    env: typeof given.env !== "object" ? given.env : Object.fromEntries(Object.entries(given.env).filter(([, value]) => value !== undefined)),
    setup: moduleUrl(given.setup),
    teardown: moduleUrl(given.teardown),
  } as ResolvedPoolOptions;
}

function moduleUrl(module: string | URL | undefined): string | undefined {
  if (module instanceof URL) return module.href;
  return module !== undefined && isAbsolute(module) ? pathToFileURL(module).href : module;
}
