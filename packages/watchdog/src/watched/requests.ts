// Names the HTTP request that a stall belongs to, without a change to the program. Node publishes each
// request on a diagnostics channel, Fastify its routes, and Express puts the route on the request. Koa's
// router puts it on a context that cannot be reached from here; docs/watchdog.md shows what to do.
//
//   entry    the newest request, while Node's HTTP server is on the stack. Exact, and costs one assignment
//            a request, but the request is lost at the first await of the handler.
//   follow   also after an await, by an AsyncLocalStorage. Costs nothing on Node 24 and later, which carry
//            the context anyway. Older Nodes then use async_hooks for each promise of the program.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Requests } from "../protocol/options.js";
import type { RawFrame } from "../protocol/messages.js";

/** A request with the properties that frameworks put on it. */
type RoutedRequest = IncomingMessage & { readonly originalUrl?: unknown; readonly baseUrl?: unknown; readonly route?: { readonly path?: unknown } };

const REQUEST_STARTED = "http.server.request.start";
const FASTIFY_HANDLER_STARTED = "tracing:fastify.request.handler:start";

const routes = new WeakMap<object, string>();
const users = { entry: 0, follow: 0 };
let newest: IncomingMessage | undefined;
let followed: AsyncLocalStorage<IncomingMessage> | undefined;

/** Follows requests from now on. @returns a function that undoes this */
export function followRequests(how: Exclude<Requests, "off">): () => void {
  if (users.entry + users.follow === 0) {
    subscribe(REQUEST_STARTED, started);
    subscribe(FASTIFY_HANDLER_STARTED, routed);
  }
  users[how]++;
  if (how === "follow") followed ??= new AsyncLocalStorage();
  return () => {
    users[how]--;
    if (users.follow === 0) {
      followed?.disable();
      followed = undefined;
    }
    if (users.entry + users.follow > 0) return;
    unsubscribe(REQUEST_STARTED, started);
    unsubscribe(FASTIFY_HANDLER_STARTED, routed);
    newest = undefined;
  };
}

function started(message: unknown): void {
  newest = (message as { readonly request: IncomingMessage }).request;
  followed?.enterWith(newest);
}

function routed(message: unknown): void {
  const { request, route } = message as { readonly request?: { readonly raw?: object }; readonly route?: { readonly url?: string } };
  if (request?.raw && route?.url !== undefined) routes.set(request.raw, route.url);
}

/** `GET /users/7 (route /users/:id)`. The query is left out, because it may hold secrets. `undefined`: no request is known. */
export function runningRequest(stack: readonly RawFrame[]): string | undefined {
  const request = stack.some(({ file, async }) => file === "node:_http_server" && !async) ? newest : followed?.getStore();
  return request && describeRequest(request);
}

function describeRequest(request: RoutedRequest): string {
  const { originalUrl, url = "" } = request;
  const [path = ""] = (typeof originalUrl === "string" ? originalUrl : url).split("?");
  const route = routeOf(request);
  return `${request.method ?? ""} ${path}${route === undefined || route === path ? "" : ` (route ${route})`}`;
}

function routeOf(request: RoutedRequest): string | undefined {
  const { route, baseUrl } = request;
  if (typeof route?.path === "string") return `${typeof baseUrl === "string" ? baseUrl : ""}${route.path}`;
  return routes.get(request);
}
