// The options of the plug-in and of a route.
import type { LoadLimits, OffloadForOptions, OverloadedError } from "@offloop/http";
import type { WatchdogOptions } from "@offloop/watchdog";
import type { ThreadPoolOptions } from "@offloop/workers";
import { anything, atLeastMs, callback, type CallLimiter, checkOptions, type Executor, finiteNumber, flag, nameText, objectWith, type OptionTable, spanMs } from "@offloop/workers/executor";
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { HealthCheck } from "./health-check.js";

/**
 * Called with a request that is to be refused, before its body is read. `error.refusal` has the reason and what was measured.
 *
 * It may return `"accept"`, and the request is handled as usual; its calls still need room in the queue. It may send an answer of its own with `reply`. It may throw the
 * error that is to be the answer. Otherwise the answer is 503 with `Retry-After`. It may return a promise of these.
 */
export type ShedHandler = (error: OverloadedError, request: FastifyRequest, reply: FastifyReply) => unknown;

/** `config.offload` of a route. A route that has it is refused before its body is read. */
export interface RouteOffloadOptions extends LoadLimits {
  /** How long a request may take, in milliseconds, counted from its arrival. Then its calls reject with `RequestTimeoutError`. @default the plug-in's */
  deadlineMs?: number | undefined;
  /** The time from the cancellation of a running call to the end of its worker, in milliseconds. @default the plug-in's */
  graceMs?: number | undefined;
  /** Higher values leave the queue first. @default 0 */
  priority?: number | undefined;
  /** Limits how many calls of the route run at once: a `CapacityLimiter`, say. @default none */
  limiter?: CallLimiter | undefined;
  /** The name of its requests in events and errors. @default method and route: `GET /users/:id` */
  name?: string | undefined;
  /** Called with each of its requests that is to be refused. @default the plug-in's */
  onShed?: ShedHandler | undefined;
}

/** Options of the plug-in. */
export interface OffloopPluginOptions extends LoadLimits {
  /** Options of a pool of its own, which is shut down when the server closes. @default none: the executor of `toThread` */
  pool?: ThreadPoolOptions | undefined;
  /** An executor that the program owns and shuts down. It excludes `pool`. @default the executor of `toThread` */
  executor?: Executor | undefined;
  /** The deadline of routes that have none of their own, in milliseconds from the arrival of a request. @default Infinity */
  deadlineMs?: number | undefined;
  /** The grace of routes that have none of their own, in milliseconds. @default 40 */
  graceMs?: number | undefined;
  /** The path of the health route: 200, or 503 while requests would be refused. @default none */
  healthPath?: string | undefined;
  /** Fastify's options of the health route: `schema`, `config`, `logLevel`, hooks. They need `healthPath`. @default `{ logLevel: "silent" }` */
  healthRoute?: RouteShorthandOptions | undefined;
  /**
   * The program's own check: of its database, say. The health route runs it at each request, answers 503 where it fails, and adds
   * the properties of an object that it returns. @default none
   */
  healthCheck?: HealthCheck | undefined;
  /**
   * How long after a health check the next one begins, in milliseconds. Requests are refused while it fails. The server starts
   * after the first check. @default Infinity: only the health route runs it, and no request is refused
   */
  healthCheckIntervalMs?: number | undefined;
  /** How long a health check may take, in milliseconds. Then it has failed. @default 5,000 */
  healthCheckTimeoutMs?: number | undefined;
  /** Called with each request that is to be refused, and decides its answer. @default none: 503 with `Retry-After` */
  onShed?: ShedHandler | undefined;
  /**
   * Whether a watchdog runs while the server does, and its options. It writes each stall to the server's log, with the line that
   * held the loop and the request.
   * @default true
   */
  watchdog?: boolean | WatchdogOptions | undefined;
  /** How long the pool's calls may take when the server closes, in milliseconds. Then they are cancelled. @default 10,000 */
  closeTimeoutMs?: number | undefined;
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** LoadGauge checks them. */
const limitTypes: OptionTable<LoadLimits> = {
  maxQueue: anything,
  maxWaitMs: anything,
  maxLoopHeld: anything,
  maxLoopDelayMs: anything,
  maxLoopUtilization: anything,
  maxHeapUsedBytes: anything,
  maxRssBytes: anything,
  retryAfterMs: anything,
};

/** The limits among other options, and the others. */
export function splitLimits<O extends LoadLimits>(options: O): readonly [limits: LoadLimits, others: Omit<O, keyof LoadLimits>] {
  const { maxQueue, maxWaitMs, maxLoopHeld, maxLoopDelayMs, maxLoopUtilization, maxHeapUsedBytes, maxRssBytes, retryAfterMs, ...others } = options;
  return [{ maxQueue, maxWaitMs, maxLoopHeld, maxLoopDelayMs, maxLoopUtilization, maxHeapUsedBytes, maxRssBytes, retryAfterMs }, others];
}

const pluginTypes: OptionTable<OffloopPluginOptions> = {
  ...limitTypes,
  pool: { takes: "the options of a ThreadPoolExecutor", accepts: isObject },
  executor: objectWith(["submit", "stats", "with"], "an executor, such as new ThreadPoolExecutor()"),
  deadlineMs: spanMs,
  graceMs: spanMs,
  healthPath: { takes: "a path that begins with /", accepts: (value) => typeof value === "string" && value.startsWith("/") },
  healthRoute: { takes: "the options of a route of Fastify", accepts: isObject },
  healthCheck: callback,
  healthCheckIntervalMs: atLeastMs(1),
  healthCheckTimeoutMs: atLeastMs(1),
  onShed: callback,
  watchdog: { takes: "true, false, or the options of startWatchdog()", accepts: (value) => flag.accepts(value) || isObject(value) },
  closeTimeoutMs: spanMs,
};

const routeTypes: OptionTable<RouteOffloadOptions> = {
  ...limitTypes,
  deadlineMs: spanMs,
  graceMs: spanMs,
  priority: finiteNumber,
  limiter: objectWith(["acquire", "release"], "an object with acquire() and release(), such as a CapacityLimiter"),
  name: nameText,
  onShed: callback,
};

/** The options of a route: what its calls take, and what it allows. */
export interface RouteOptions {
  readonly call: Omit<OffloadForOptions, "executor">;
  readonly limits: LoadLimits;
  readonly onShed: ShedHandler | undefined;
}

/** @throws InvalidOptionError */
export function checkPluginOptions(given: object): Partial<OffloopPluginOptions> {
  // Fastify takes these two for itself, and passes them on.
  const { prefix: _prefix, logLevel: _level, ...own } = given as { readonly prefix?: unknown; readonly logLevel?: unknown } & OffloopPluginOptions;
  return checkOptions("the plug-in offloop", own, pluginTypes);
}

/** @throws InvalidOptionError */
export function checkRouteOptions(given: RouteOffloadOptions | undefined, route: string): RouteOptions {
  const [limits, { onShed, ...call }] = splitLimits(checkOptions(`config.offload of ${route}`, given, routeTypes));
  return { call, limits, onShed };
}
