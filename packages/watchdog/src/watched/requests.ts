// Names the HTTP request that a stall belongs to, without a change to the program: Node tells of each
// request on a diagnostics channel, Fastify of its routes, and Express leaves the route on the request.
// Koa's router leaves it on a context that nothing leads to from here; docs/watchdog.md has the way round.
//
//   entry    the newest request, where Node's HTTP server is still on the stack: exact, and one
//            assignment a request, but lost at the handler's first await
//   follow   beyond awaits too, by an AsyncLocalStorage: free where Node carries it along anyway (24 and
//            later); on older Nodes it puts async_hooks on each promise of the program
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Requests } from "../protocol/options.js";
import type { RawFrame } from "../protocol/messages.js";

/** What frameworks leave on a request. */
type RoutedRequest = IncomingMessage & { readonly originalUrl?: unknown; readonly baseUrl?: unknown; readonly route?: { readonly path?: unknown } };

const requestStarted = "http.server.request.start";
const fastifyHandlerStarted = "tracing:fastify.request.handler:start";

const routes = new WeakMap<object, string>();
const users = { entry: 0, follow: 0 };
let newest: IncomingMessage | undefined;
let followed: AsyncLocalStorage<IncomingMessage> | undefined;

/** Follows requests from now on. @returns the way to undo it */
export function followRequests(how: Exclude<Requests, "off">): () => void {
  if (users.entry + users.follow === 0) {
    subscribe(requestStarted, started);
    subscribe(fastifyHandlerStarted, routed);
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
    unsubscribe(requestStarted, started);
    unsubscribe(fastifyHandlerStarted, routed);
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

/** `GET /users/7 (route /users/:id)`, without the query, which may hold what is nobody's business; `undefined`: none that is known. */
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
