// Options that every pool takes: type, defaults, and the one check.
import { availableParallelism } from "node:os";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidOptionError } from "../executor/errors.js";

/** Options of a pool. Each is optional. */
export interface PoolOptions {
  /**
   * Workers that are kept when idle. They start with the first call, or with `warmUp`.
   * @default 0; 0 to maxWorkers
   */
  minWorkers?: number | undefined;
  /**
   * Workers at the most. The default leaves the event loop a core.
   * @default `availableParallelism() - 1`, and at least 1; 1 to 1024
   */
  maxWorkers?: number | undefined;
  /**
   * Milliseconds after which an idle worker above `minWorkers` ends.
   * @default 10000: longer than the gaps of a steady load, short enough to give memory back; a guess
   */
  idleTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a worker may take to end when it has no call left, its `teardown` included; then it
   * is ended by force. `Infinity`: never, and an end may take for ever.
   * @default 5000: long enough for an orderly clean-up; a guess
   */
  closeTimeoutMs?: number | undefined;
  /**
   * Calls that may wait for a worker; one more is refused with `QueueFullError`. 0: a call needs a free worker.
   * @default Infinity; 0 and up
   */
  maxQueue?: number | undefined;
  /** Environment variables of the workers. @default those of this process */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Node options of the workers, such as `["--import", "tsx"]`. @default those of this process */
  execArgv?: readonly string[] | undefined;
  /**
   * Heap limit of each worker in bytes (of its old generation). A call that reaches it rejects with
   * `OutOfMemoryError`, and the worker is replaced.
   * @default Node's own limit; 4 MiB and up
   */
  maxHeapBytes?: number | undefined;
  /**
   * A worker whose heap holds more than this after a call is replaced before the next one: for code that leaks.
   * @default Infinity, in bytes; 1 MiB and up
   */
  recycleAboveHeapBytes?: number | undefined;
  /**
   * A worker that has had so many calls is replaced; its successor starts before it goes.
   * @default Infinity; 1 and up
   */
  maxTasksPerWorker?: number | undefined;
  /**
   * A worker that is older than this many milliseconds is replaced when it idles.
   * @default Infinity; 1 and up
   */
  maxWorkerAgeMs?: number | undefined;
  /**
   * A module whose default export (or export `setup`) runs in each worker before its first call, given
   * `setupData`. What it returns, awaited, is `taskContext().setup`. If it throws, the worker does not start.
   */
  setup?: string | URL | undefined;
  /** What `setup` is given: copied to each worker. */
  setupData?: unknown;
  /** A module whose default export (or export `teardown`) runs before a worker ends in good order, given what `setup` returned. */
  teardown?: string | URL | undefined;
  /**
   * Is given each line that the workers print, instead of their standard streams.
   * @default undefined: they print where this process prints
   */
  onOutput?: ((line: OutputLine) => void) | undefined;
  /**
   * How much the workers yield the processor to the event loop: added to their `nice` value. Linux only for threads.
   * @default 5: the loop wins a contended core, and idle cores are used in full; a guess; 0 to 19
   */
  nice?: number | undefined;
}

/** A line that a worker has printed. */
export interface OutputLine {
  readonly workerId: number;
  /** The call that ran when the line began; `undefined` between calls. */
  readonly callName: string | undefined;
  readonly stream: "stdout" | "stderr";
  /** Without its line end. */
  readonly text: string;
}

/** Pool options with every default filled in. */
export interface ResolvedPoolOptions {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly idleTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly maxQueue: number;
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
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

const known: readonly (keyof PoolOptions)[] = [
  "minWorkers",
  "maxWorkers",
  "idleTimeoutMs",
  "closeTimeoutMs",
  "maxQueue",
  "env",
  "execArgv",
  "maxHeapBytes",
  "recycleAboveHeapBytes",
  "maxTasksPerWorker",
  "maxWorkerAgeMs",
  "setup",
  "setupData",
  "teardown",
  "onOutput",
  "nice",
];

/** The workers that a pool has at the most unless told otherwise. */
export function defaultMaxWorkers(): number {
  return Math.max(1, availableParallelism() - 1);
}

/**
 * Checks pool options and fills in the defaults.
 * @param refused options that a kind of worker cannot have, each with the reason
 * @throws InvalidOptionError names the first option that does not fit, and any that is unknown or refused
 */
export function resolvePoolOptions(options: PoolOptions = {}, refused: Readonly<Partial<Record<keyof PoolOptions, string>>> = {}): ResolvedPoolOptions {
  if (typeof options !== "object" || options === null) throw new InvalidOptionError("pool options", options, "an object");
  for (const [key, value] of Object.entries(options)) {
    if (!(known as readonly string[]).includes(key)) throw new InvalidOptionError(key, value, `no value: there is no such pool option (there are ${known.join(", ")})`);
    const reason = refused[key as keyof PoolOptions];
    if (reason !== undefined && value !== undefined) throw new InvalidOptionError(key, value, `no value here: ${reason}`);
  }
  const { minWorkers = 0, idleTimeoutMs = 10_000, closeTimeoutMs = 5_000, maxQueue = Infinity, env, execArgv, maxHeapBytes, nice = 5 } = options;
  const maxWorkers = options.maxWorkers ?? Math.max(defaultMaxWorkers(), minWorkers);
  requireInteger("minWorkers", minWorkers, 0, 1_024);
  requireInteger("maxWorkers", maxWorkers, 1, 1_024);
  if (minWorkers > maxWorkers) throw new InvalidOptionError("minWorkers", minWorkers, `at most maxWorkers, which is ${maxWorkers}`);
  requireMs("idleTimeoutMs", idleTimeoutMs, 0);
  requireMs("closeTimeoutMs", closeTimeoutMs, 0);
  if (maxQueue !== Infinity) requireInteger("maxQueue", maxQueue, 0, Number.MAX_SAFE_INTEGER);
  if (env !== undefined && (typeof env !== "object" || env === null)) throw new InvalidOptionError("env", env, "an object of strings");
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((each) => typeof each === "string"))) {
    throw new InvalidOptionError("execArgv", execArgv, "an array of strings");
  }
  if (maxHeapBytes !== undefined) requireInteger("maxHeapBytes", maxHeapBytes, 4 * 2 ** 20, Number.MAX_SAFE_INTEGER);
  const { recycleAboveHeapBytes = Infinity, maxTasksPerWorker = Infinity, maxWorkerAgeMs = Infinity, setupData, onOutput } = options;
  if (recycleAboveHeapBytes !== Infinity) requireInteger("recycleAboveHeapBytes", recycleAboveHeapBytes, 2 ** 20, Number.MAX_SAFE_INTEGER);
  if (maxTasksPerWorker !== Infinity) requireInteger("maxTasksPerWorker", maxTasksPerWorker, 1, Number.MAX_SAFE_INTEGER);
  requireMs("maxWorkerAgeMs", maxWorkerAgeMs, 1);
  if (onOutput !== undefined && typeof onOutput !== "function") throw new InvalidOptionError("onOutput", onOutput, "a function");
  const setup = moduleOption("setup", options.setup);
  const teardown = moduleOption("teardown", options.teardown);
  requireInteger("nice", nice, 0, 19);
  return {
    minWorkers,
    maxWorkers,
    idleTimeoutMs,
    closeTimeoutMs,
    maxQueue,
    env: env && Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    execArgv,
    maxHeapBytes,
    recycleAboveHeapBytes,
    maxTasksPerWorker,
    maxWorkerAgeMs,
    setup,
    setupData,
    teardown,
    onOutput,
    nice,
  };
}

/** The absolute URL of a module option. */
function moduleOption(option: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof URL) return value.href;
  if (typeof value === "string" && isAbsolute(value)) return pathToFileURL(value).href;
  if (typeof value === "string" && URL.canParse(value)) return value;
  throw new InvalidOptionError(option, value, 'a module: an absolute URL, such as new URL("./setup.js", import.meta.url), or an absolute path');
}

function requireMs(option: string, value: unknown, least: number): void {
  if (typeof value === "number" && value >= least) return;
  throw new InvalidOptionError(option, value, `milliseconds: a number of ${least} or more, or Infinity`);
}

function requireInteger(option: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw new InvalidOptionError(option, value, `an integer from ${least} to ${most}`);
}
