// The options of the plug-in and of a route.
import type { LoadLimits, OffloadForOptions } from "@offloop/http";
import type { WatchdogOptions } from "@offloop/watchdog";
import type { ThreadPoolOptions } from "@offloop/workers";
import { anything, type CallLimiter, checkOptions, type Executor, finiteNumber, flag, nameText, objectWith, type OptionTable, spanMs } from "@offloop/workers/executor";

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
}

/** Options of the plug-in. */
export interface OffloopPluginOptions extends LoadLimits {
  /** Options of a pool of its own, which is shut down when the server closes. @default none: the executor of `toThread` */
  pool?: ThreadPoolOptions | undefined;
  /** An executor that the program owns and shuts down. It excludes `pool`. @default the executor of `toThread` */
  executor?: Executor | undefined;
  /** The deadline of routes that have none of their own, in milliseconds from the arrival of a request. @default Infinity */
  deadlineMs?: number | undefined;
  /** The grace of routes that have none of their own, in milliseconds. @default 50 */
  graceMs?: number | undefined;
  /** The path of the health route: 200, or 503 while requests would be refused. @default none */
  healthPath?: string | undefined;
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
const limitTypes: OptionTable<LoadLimits> = { maxQueue: anything, maxWaitMs: anything, maxLoopHeld: anything };

const pluginTypes: OptionTable<OffloopPluginOptions> = {
  ...limitTypes,
  pool: { takes: "the options of a ThreadPoolExecutor", accepts: isObject },
  executor: objectWith(["submit", "stats", "with"], "an executor, such as new ThreadPoolExecutor()"),
  deadlineMs: spanMs,
  graceMs: spanMs,
  healthPath: { takes: "a path that begins with /", accepts: (value) => typeof value === "string" && value.startsWith("/") },
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
};

/** The options of a route: what its calls take, and what it allows. */
export interface RouteOptions {
  readonly call: Omit<OffloadForOptions, "executor">;
  readonly limits: LoadLimits;
}

/** @throws InvalidOptionError */
export function checkPluginOptions(given: object): Partial<OffloopPluginOptions> {
  // Fastify takes these two for itself, and passes them on.
  const { prefix: _prefix, logLevel: _level, ...own } = given as { readonly prefix?: unknown; readonly logLevel?: unknown } & OffloopPluginOptions;
  return checkOptions("the plug-in offloop", own, pluginTypes);
}

/** @throws InvalidOptionError */
export function checkRouteOptions(given: RouteOffloadOptions | undefined, route: string): RouteOptions {
  const { maxQueue, maxWaitMs, maxLoopHeld, ...call } = checkOptions(`config.offload of ${route}`, given, routeTypes);
  return { call, limits: { maxQueue, maxWaitMs, maxLoopHeld } };
}
