// The route of a request, where the framework that serves it tells it: Express puts the route on the request, Fastify
// publishes it, Koa's routers put it on Koa's context, and hono-routes.ts finds that of Hono.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { expectHono, followHono, honoRouteOf } from "./hono-routes.js";

/** A request with the properties that Express puts on it. */
interface ExpressRequest {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
}

interface KoaApplication {
  createContext(this: unknown, request: object, response: object): { readonly _matchedRoute?: unknown };
}

const FASTIFY_HANDLER_STARTED = "tracing:fastify.request.handler:start";
const KOA = /[\\/]koa[\\/]lib[\\/]application\.js$/;

/** The CommonJS modules of this thread, by file. Koa is one, also for programs that import it. */
const { cache: loadedModules } = createRequire(import.meta.url);

const fastifyRoutes = new WeakMap<object, string>();
const koaContexts = new WeakMap<object, ReturnType<KoaApplication["createContext"]>>();

/** The servers that have had a request: the program has loaded its framework by then. */
let seenServers = new WeakSet<object>();
const restoreKoa = new Map<KoaApplication, () => void>();

/** Learns the routes of Fastify from now on. @returns a function that undoes this, and what `expectRoutes` did */
export function followRoutes(): () => void {
  subscribe(FASTIFY_HANDLER_STARTED, routed);
  const unfollowHono = followHono();
  return () => {
    unfollowHono();
    unsubscribe(FASTIFY_HANDLER_STARTED, routed);
    seenServers = new WeakSet();
    for (const restore of restoreKoa.values()) restore();
    restoreKoa.clear();
  };
}

function routed(message: unknown): void {
  const { request, route } = message as { readonly request?: { readonly raw?: object }; readonly route?: { readonly url?: string } };
  if (request?.raw && route?.url !== undefined) fastifyRoutes.set(request.raw, route.url);
}

/** Called with each request, before its handler: at the first request of a server, learns the contexts of Koa and of Hono. */
export function expectRoutes(server: object, request: object): void {
  if (seenServers.has(server)) return;
  seenServers.add(server);
  expectHono(request);
  for (const [file, module] of Object.entries(loadedModules)) {
    const prototype = KOA.test(file) ? (module?.exports as { readonly prototype?: KoaApplication } | undefined)?.prototype : undefined;
    if (typeof prototype?.createContext === "function" && !restoreKoa.has(prototype)) learnContexts(prototype);
  }
}

function learnContexts(application: KoaApplication): void {
  const original = application.createContext;
  const learning: KoaApplication["createContext"] = function createContext(request, response) {
    const context = original.call(this, request, response);
    koaContexts.set(request, context);
    return context;
  };
  application.createContext = learning;
  restoreKoa.set(application, () => {
    if (application.createContext === learning) application.createContext = original;
  });
}

/** The route of a request, such as `/users/:id`. `undefined`: none is known */
export function routeOf(request: object): string | undefined {
  const { route, baseUrl } = request as ExpressRequest;
  if (typeof route?.path === "string") return `${typeof baseUrl === "string" ? baseUrl : ""}${route.path}`;
  const matched = koaContexts.get(request)?._matchedRoute;
  return typeof matched === "string" ? matched : (fastifyRoutes.get(request) ?? honoRouteOf(request));
}
