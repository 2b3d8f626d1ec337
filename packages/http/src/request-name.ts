// The name of a request in events and errors: `GET /users/:id` where its route is known, else `GET /users/7`.
import type { Connection } from "./any-request.js";

/** What Express, Fastify and a plug-in leave on a request. */
interface Named {
  readonly method?: unknown;
  readonly url?: unknown;
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
}

/** Method, and route or path. The query is left out, because it may hold secrets. A bare stream of HTTP/2 does not know its headers. */
export function nameOf({ kind, request }: Connection): string {
  const { method, url, originalUrl, baseUrl, route } = request as Named;
  if (typeof method !== "string") return "a stream of HTTP/2";
  if (typeof route?.path === "string") return `${method} ${typeof baseUrl === "string" ? baseUrl : ""}${route.path}`;
  const whole = String(originalUrl ?? url ?? "");
  return `${method} ${kind === "signal" && URL.canParse(whole) ? new URL(whole).pathname : whole.split("?")[0]}`;
}
