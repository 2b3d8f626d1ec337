// The routes of Hono on Node, which publishes nothing and keeps them in private fields. Its contexts have the route and Node's
// request, and nearly every handler or middleware asks them for `c.req`. So this file finds the class of the contexts, and
// looks on at that getter. The first request of a server shows where it is, so routes are known from the second one on.
//
//   first request ─▶ its `method` is read ─▶ by @hono/node-server? ─▶ the `hono` that the adapter resolves ─▶ its `Context`
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

interface HonoContext {
  readonly env?: { readonly incoming?: object };
  readonly req: { readonly matchedRoutes?: readonly { readonly path: string; readonly method: string }[] };
}

type ContextClass = { readonly prototype: HonoContext };

/** The line of a stack that names a file of the adapter: a URL, or a path in CommonJS. */
const ADAPTER = /(?:file:\/\/)?(?:\/|[A-Za-z]:\\)[^\n()]*[\\/]@hono[\\/]node-server[\\/]dist[\\/][^\n():]*/;
const DIST = /^.*[\\/]hono[\\/]dist[\\/]/;

/** Who reads the method of a first request, other than the adapter, may read it so often. */
const MOST_READS = 8;

const contexts = new WeakMap<object, HonoContext>();
const restore = new Map<object, () => void>();
let stopped = false;

/** Follows the contexts of Hono from the requests on that `expectHono` saw. @returns a function that undoes this */
export function followHono(): () => void {
  stopped = false;
  return () => {
    stopped = true;
    for (const each of restore.values()) each();
    restore.clear();
  };
}

/** Called with the first request of a server, before its handler. */
export function expectHono(request: object): void {
  const { method } = request as { readonly method?: unknown };
  const own = Object.getOwnPropertyDescriptor(request, "method");
  let reads = 0;
  const done = (value: unknown): void => {
    if (own) Object.defineProperty(request, "method", { ...own, value });
    else delete (request as { method?: unknown }).method;
  };
  Object.defineProperty(request, "method", {
    get(): unknown {
      const [adapter] = ADAPTER.exec(String(new Error().stack)) ?? [];
      if (adapter !== undefined || ++reads === MOST_READS) done(method);
      if (adapter !== undefined) learnContexts(adapter).catch(() => {}); // a Hono of another make
      return method;
    },
    set: done,
    enumerable: own?.enumerable ?? false,
    configurable: true,
  });
}

async function learnContexts(adapter: string): Promise<void> {
  const require = createRequire(adapter);
  const [dist] = DIST.exec(require.resolve("hono")) ?? [];
  if (dist === undefined) return;
  const inCommonJs = require.cache[join(dist, "cjs/context.js")]?.exports as { readonly Context?: ContextClass } | undefined;
  if (inCommonJs?.Context) follow(inCommonJs.Context.prototype);
  if (!adapter.startsWith("file:")) return;
  // An adapter that is a module has loaded this one, so the import gives the program's own class.
  const { Context } = (await import(pathToFileURL(join(dist, "context.js")).href)) as { readonly Context: ContextClass };
  follow(Context.prototype);
}

function follow(prototype: HonoContext): void {
  const own = Object.getOwnPropertyDescriptor(prototype, "req");
  if (stopped || restore.has(prototype) || own?.get === undefined) return;
  const original = own.get;
  const looking = function req(this: HonoContext): unknown {
    const incoming = this.env?.incoming;
    if (incoming) contexts.set(incoming, this);
    return original.call(this);
  };
  Object.defineProperty(prototype, "req", { ...own, get: looking });
  restore.set(prototype, () => {
    if (Object.getOwnPropertyDescriptor(prototype, "req")?.get === looking) Object.defineProperty(prototype, "req", own);
  });
}

/** The newest route of a request that is no middleware's: handlers come last. `undefined`: none is known */
export function honoRouteOf(request: object): string | undefined {
  const routes = contexts.get(request)?.req.matchedRoutes;
  return (routes?.findLast(({ method }) => method !== "ALL") ?? routes?.findLast(({ path }) => !path.endsWith("*")))?.path;
}
