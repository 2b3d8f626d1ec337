// Names the HTTP request that a stall belongs to, without a change to the program. Node publishes each
// request on a diagnostics channel, and http2-requests.ts finds those of HTTP/2. routes.ts knows their routes.
//
//   entry    the newest request, while Node's HTTP server is on the stack. Exact, and costs one assignment
//            a request, but the request is lost at the first await of the handler.
//   follow   also after an await, by an AsyncLocalStorage. Costs nothing on Node 24 and later, which carry
//            the context anyway. Older Nodes then use async_hooks for each promise of the program.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Requests } from "../protocol/options.js";
import type { RawFrame } from "../protocol/messages.js";
import { followHttp2, type Http2Request } from "./http2-requests.js";
import { expectRoutes, followRoutes, routeOf } from "./routes.js";

/** A request of either version of HTTP. Express shortens `url` and keeps the whole one. */
type AnyRequest = Http2Request & { readonly originalUrl?: unknown };

const REQUEST_STARTED = "http.server.request.start";

const users = { entry: 0, follow: 0 };
/** The newest request of HTTP/1. */
let newest: AnyRequest | undefined;
/** The request of HTTP/2 whose handler runs, up to its first await. */
let handled: AnyRequest | undefined;
let followed: AsyncLocalStorage<AnyRequest> | undefined;
let unfollow: readonly (() => void)[] = [];

/** Follows requests from now on. @returns a function that undoes this */
export function followRequests(how: Exclude<Requests, "off">): () => void {
  if (users.entry + users.follow === 0) {
    subscribe(REQUEST_STARTED, started);
    unfollow = [() => unsubscribe(REQUEST_STARTED, started), followRoutes(), followHttp2(handle)];
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
    for (const each of unfollow) each();
    newest = undefined;
  };
}

function started(message: unknown): void {
  const { request, server } = message as { readonly request: AnyRequest; readonly server: object };
  newest = request;
  followed?.enterWith(request);
  expectRoutes(server, request);
}

function handle(request: AnyRequest, server: object, emit: () => boolean): boolean {
  const before = handled;
  handled = request;
  if ("stream" in request) expectRoutes(server, request); // a framework gets the request that follows the stream
  try {
    return followed ? followed.run(request, emit) : emit();
  } finally {
    handled = before;
  }
}

/** `GET /users/7 (route /users/:id)`. The query is left out, because it may hold secrets. `undefined`: no request is known. */
export function runningRequest(stack: readonly RawFrame[]): string | undefined {
  const request = handled ?? (stack.some(({ file, async }) => file === "node:_http_server" && !async) ? newest : followed?.getStore());
  return request && describeRequest(request);
}

function describeRequest(request: AnyRequest): string {
  const { originalUrl, url = "" } = request;
  const [path = ""] = (typeof originalUrl === "string" ? originalUrl : url).split("?");
  const route = routeOf(request);
  return `${request.method ?? ""} ${path}${route === undefined || route === path ? "" : ` (route ${route})`}`;
}
