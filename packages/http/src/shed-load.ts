// The middleware that refuses requests while the server is overloaded. One function for all frameworks: what it is called
// with tells which one calls.
//
//   (request, response, next)   Express, node:http, node:http2 ─▶ writes the response
//   (context, next)             Koa ─▶ throws, so that the program's error handlers see it;  Hono ─▶ returns a Response
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { callback, checkOptions, invalidArgument, type OptionTable } from "@offloop/workers/executor";
import { type AnyRequest, connectionOf, type HonoStyleContext, type KoaStyleContext } from "./any-request.js";
import { OverloadedError } from "./errors.js";
import { anExecutor, LoadGauge, type LoadGaugeOptions, loadLimitTypes, type Refusal } from "./load-gauge.js";
import { nameOf } from "./request-name.js";

/** Options of `shedLoad`. */
export interface ShedLoadOptions extends LoadGaugeOptions {
  /** Called with each refused request, for a log: the reason, what was measured, and the line that held the loop. It must not throw. @default none */
  onShed?: ((error: OverloadedError) => void) | undefined;
}

/** The middleware of `shedLoad`. */
export interface ShedLoad {
  /** Express, `node:http`, `node:http2`. Calls `next` if there is room. */
  (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse, next: () => unknown): void;
  /** Hono. */
  <C extends HonoStyleContext>(context: C, next: () => Promise<void>): Promise<Response | void>;
  /** Koa. */
  <C extends KoaStyleContext>(context: C, next: () => Promise<unknown>): Promise<void>;
}

const optionTypes: OptionTable<ShedLoadOptions> = { ...loadLimitTypes, executor: anExecutor, onShed: callback };

/**
 * Returns a middleware for Express, Koa, Hono, `node:http` and `node:http2`. It answers 503 with `Retry-After` while
 * the queue of the executor is full, or a new call would wait longer than `maxWaitMs`. It does so too while the watchdog sees
 * the loop held for more than `maxLoopHeld`. Routes with limits of their own get a middleware of their own.
 * @throws InvalidOptionError
 * @example
 * app.use(shedLoad({ maxWaitMs: 1_000 })); // Express, Koa, Hono
 * const shed = shedLoad({ maxQueue: 100 });
 * createServer((req, res) => shed(req, res, () => handle(req, res)));
 */
export function shedLoad(options?: ShedLoadOptions): ShedLoad {
  const { onShed, ...gaugeOptions } = checkOptions("shedLoad()", options, optionTypes);
  const gauge = new LoadGauge(gaugeOptions);
  const refuse = (request: AnyRequest, refusal: Refusal): OverloadedError => {
    const error = new OverloadedError(nameOf(connectionOf(request, "shedLoad()")), refusal);
    onShed?.(error);
    return error;
  };
  const shed = (given: any, second: any, next?: () => unknown): unknown => {
    if (typeof next === "function" && typeof second?.writeHead === "function") {
      const refusal = gauge.refusal();
      return refusal ? answer(second, refuse(given, refusal)) : void next();
    }
    if (typeof second !== "function") throw invalidArgument("the middleware of shedLoad()", "(request, response, next) or (context, next)", second, "shed(request, response, () => handle(request, response))");
    const refusal = gauge.refusal();
    if (isHono(given)) {
      tellRoute(given);
      return refusal ? Promise.resolve(responseOf(refuse(given, refusal))) : second();
    }
    return refusal ? Promise.reject(Object.assign(refuse(given, refusal), { status: 503, expose: true })) : second();
  };
  return shed as ShedLoad;
}

const isHono = (given: any): given is HonoStyleContext => typeof given?.req?.raw === "object";

/** Lets stalls name the route, which Hono keeps to itself. */
function tellRoute(context: HonoStyleContext): void {
  const { incoming } = (context.env ?? {}) as { readonly incoming?: object };
  if (incoming === undefined || "route" in incoming) return;
  Object.defineProperty(incoming, "route", { get: () => ({ path: honoRoute(context) }), configurable: true });
}

/** The newest route that is no middleware's: handlers come last. */
function honoRoute(context: HonoStyleContext): string | undefined {
  const { matchedRoutes } = context.req as { readonly matchedRoutes?: readonly { readonly path: string; readonly method: string }[] };
  return matchedRoutes?.findLast(({ method }) => method !== "ALL")?.path ?? matchedRoutes?.findLast(({ path }) => !path.endsWith("*"))?.path;
}

/** What clients get. The lines that held the loop stay in the server. */
const bodyOf = ({ code, message }: OverloadedError): string => JSON.stringify({ statusCode: 503, code, error: "Service Unavailable", message });

function answer(response: ServerResponse, error: OverloadedError): void {
  const body = bodyOf(error);
  response.writeHead(503, { ...error.headers, "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function responseOf(error: OverloadedError): Response {
  return new Response(bodyOf(error), { status: 503, headers: { ...error.headers, "content-type": "application/json; charset=utf-8" } });
}
