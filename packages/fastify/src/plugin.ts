// The plug-in: what a server and its requests get, and what happens when a request comes and when the server closes.
//
//   onRoute     checks config.offload
//   onReady     the first health check
//   onRequest   refuses a request for which there is no room (config.offload), or while the loop or the process is over a limit (every route)
//   onClose     after the last answer: the calls of the own pool end, then its threads, then the watchdog
import { toThread } from "@offloop/core";
import { LoadGauge, type LoadLimits, type LoadReading, offloadFor, OverloadedError, type Refusal, type RequestOffload } from "@offloop/http";
import { ThreadPoolExecutor } from "@offloop/workers";
import { type Executor, InvalidOptionError, realTime } from "@offloop/workers/executor";
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { HealthChecks } from "./health-check.js";
import { logStalls } from "./log-stalls.js";
import { checkPluginOptions, checkRouteOptions, type OffloopPluginOptions, type RouteOffloadOptions, type RouteOptions, type ShedHandler, splitLimits } from "./options.js";

/** How loaded a server is, as its plug-in measures it. */
export interface ServerLoad {
  /** The state of the server now. */
  read(): LoadReading;
  /** Whether a request would be refused now. @param limits as those of a route @returns `undefined`: there is room @throws InvalidOptionError */
  refusal(limits?: LoadLimits): Refusal | undefined;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Runs `fn(...args)` on a worker. The call belongs to no request. */
    offload: RequestOffload;
    /** How loaded the server is: for a route that can do less under load, and for metrics. */
    serverLoad: ServerLoad;
  }
  interface FastifyRequest {
    /**
     * Runs `fn(...args)` on a worker for this request. The call is cancelled when the client goes away, and at the deadline.
     * Rejects as `offloadFor` of `@offloop/http` does, and with `OverloadedError` if there is no room.
     */
    offload: RequestOffload;
  }
  interface FastifyContextConfig {
    /** Options of the calls of this route, and what it allows. `{}`: the plug-in's own, applied before the body is read. */
    offload?: RouteOffloadOptions | undefined;
  }
}

/** How often a log says that requests are refused, in milliseconds. */
const LOG_EVERY_MS = 1_000;

/** A route without options waits for no worker, so only the loop and the process count. Its calls are refused when they are made. */
const NO_OPTIONS: RouteOptions = { call: {}, limits: {}, onShed: undefined };
const NO_QUEUE: LoadLimits = { maxQueue: Infinity, maxWaitMs: Infinity };
/** The request was let in, so its calls are refused by the queue alone. */
const QUEUE_ALONE: LoadLimits = { maxLoopHeld: 1, maxLoopDelayMs: Infinity, maxLoopUtilization: 1, maxHeapUsedBytes: Infinity, maxRssBytes: Infinity };

/**
 * Gives a server and its requests `offload(fn, ...args)`, which runs functions on worker threads. It refuses requests while
 * the server is overloaded, and logs the line that holds the loop. It answers the health route, and closes in order.
 *
 * Register it once for each context that is to have it. When the server closes, the calls of its own pool end after the last
 * answer, for at most `closeTimeoutMs`. The executor of `toThread`, and one that the program passes, go on.
 * @throws (by `ready()`) InvalidOptionError, WatchdogOptionError
 * @example
 * await app.register(offloop, { pool: { maxWorkers: 4, maxQueue: 200 }, maxWaitMs: 1_000, healthPath: "/health" });
 * app.get("/docs/:name", { config: { offload: { deadlineMs: 2_000 } } }, async (request) => request.offload(render, request.params.name));
 */
export const offloop: FastifyPluginCallback<OffloopPluginOptions> = fastifyPlugin(install, { fastify: "5.x", name: "@offloop/fastify" });

function install(app: FastifyInstance, given: OffloopPluginOptions, done: (error?: Error) => void): void {
  try {
    decorate(app, checkPluginOptions(given));
    done();
  } catch (error) {
    done(error as Error);
  }
}

function decorate(app: FastifyInstance, options: Partial<OffloopPluginOptions>): void {
  const [given, { pool, executor, deadlineMs, graceMs, healthPath, healthRoute, healthCheck, healthCheckIntervalMs = Infinity, healthCheckTimeoutMs = 5_000, onShed, watchdog = true, closeTimeoutMs = 10_000 }] = splitLimits(options);
  if (pool && executor) throw new InvalidOptionError("executor", "The plug-in offloop takes `pool` or `executor`, and not both.");
  if (healthRoute && healthPath === undefined) throw new InvalidOptionError("healthRoute", "healthRoute of the plug-in offloop needs healthPath: the path of the route.");
  if (healthCheck && healthPath === undefined && healthCheckIntervalMs === Infinity) throw new InvalidOptionError("healthCheck", "healthCheck of the plug-in offloop needs healthPath or healthCheckIntervalMs: otherwise nothing runs it.");
  const own = pool && new ThreadPoolExecutor(pool);
  const used: Executor | undefined = own ?? executor;
  const gauge = new LoadGauge({ executor: used, ...given, maxQueue: given.maxQueue ?? pool?.maxQueue });
  const health = healthCheck && new HealthChecks(app, healthCheck, healthCheckIntervalMs, healthCheckTimeoutMs);
  const refusalOf = (limits?: LoadLimits): Refusal | undefined => gauge.refusal(limits) ?? health?.refusal(gauge);
  const routes = new WeakMap<object, RouteOptions>();
  const optionsOf = ({ routeOptions: { config } }: FastifyRequest): RouteOptions | undefined => config?.offload && routes.get(config.offload);
  const refuse = refuser(app);

  const offload: RequestOffload = (fn, ...args) => (used ? used.submit(fn, ...args) : toThread(fn, ...args));
  app.decorate("offload", offload);
  app.decorate("serverLoad", { read: () => gauge.read(), refusal: refusalOf });
  app.decorateRequest("offload", {
    getter(this: FastifyRequest): RequestOffload {
      const { call, limits } = optionsOf(this) ?? NO_OPTIONS;
      const offloadNow = offloadFor(this.raw, { executor: used, deadlineMs, graceMs, name: nameOf(this), ...call });
      return async (fn, ...args) => {
        const refusal = gauge.refusal({ ...limits, ...QUEUE_ALONE });
        if (refusal) throw refuse(this, refusal);
        return offloadNow(fn, ...args);
      };
    },
  });

  app.addHook("onRoute", ({ config, method, url }) => {
    if (config?.offload === undefined) return;
    const checked = checkRouteOptions(config.offload, `${String(method)} ${url}`);
    gauge.refusal(checked.limits); // checks them
    routes.set(config.offload, checked);
  });
  const healthUrl = healthPath && `${app.prefix}${healthPath}`;
  // With a callback: after the await of an async hook, the watchdog on Node 20 and 22 would not know the request any more.
  app.addHook("onRequest", (request, reply, next) => {
    if (healthUrl !== undefined && request.routeOptions.url === healthUrl) return next();
    const route = optionsOf(request);
    const refusal = refusalOf(route?.limits ?? NO_QUEUE);
    if (refusal === undefined) return next();
    const error = refuse(request, refusal);
    const handler = route?.onShed ?? onShed;
    if (handler === undefined) return next(error);
    decide(handler, error, request, reply).then(() => next(), next);
  });

  if (healthPath !== undefined) {
    app.get(healthPath, { logLevel: "silent", ...healthRoute }, async (_request, reply) => {
      const found = health ? await health.run() : {};
      const refusal = gauge.refusal();
      const { workers, running, queued, expectedWaitMs, loopHeld, process } = refusal ?? gauge.read();
      const status = refusal?.reason ?? (found ? "ok" : "unhealthy");
      return reply.code(status === "ok" ? 200 : 503).send({ status, workers, running, queued, expectedWaitMs, loopHeld, ...process, ...found });
    });
  }
  if (health) app.addHook("onReady", () => health.start());

  const logging = watchdog === false ? undefined : logStalls(app.log, watchdog === true ? {} : watchdog);
  app.addHook("onClose", async () => {
    health?.stop();
    await own?.shutdown({ timeoutMs: closeTimeoutMs });
    await logging?.stop();
  });
}

const nameOf = ({ method, routeOptions, url }: FastifyRequest): string => `${method} ${routeOptions.url ?? url.split("?")[0]}`;

/** The request goes on if it is accepted, and if it was answered: Fastify then calls no handler. @throws (by rejection) the error that is its answer */
async function decide(handler: ShedHandler, error: OverloadedError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const decision = await handler(error, request, reply);
  if (decision !== "accept" && !reply.sent) throw error;
}

/** Makes the error of a refused request, and logs the reason with the line, at most once a second. */
function refuser(app: FastifyInstance): (request: FastifyRequest, refusal: Refusal) => OverloadedError {
  let loggedMs = -Infinity;
  return (request, refusal) => {
    if (realTime.now() - loggedMs >= LOG_EVERY_MS) {
      loggedMs = realTime.now();
      app.log.warn({ refusal }, "requests are refused");
    }
    return new OverloadedError(nameOf(request), refusal);
  };
}
