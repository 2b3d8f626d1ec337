// A server action gets no request from Next. instrumentation.ts remembers the request of Node in the context of all that it causes.
// The value is global, because Next bundles instrumentation and actions apart.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

const shared = globalThis as { currentRequests?: AsyncLocalStorage<IncomingMessage> };

export function followRequests(): void {
  const requests = (shared.currentRequests ??= new AsyncLocalStorage());
  subscribe("http.server.request.start", (message) => requests.enterWith((message as { readonly request: IncomingMessage }).request));
}

/** The request of Node that caused this call. */
export function currentRequest(): IncomingMessage {
  const request = shared.currentRequests?.getStore();
  if (request === undefined) throw new Error("followRequests() of instrumentation.ts did not run before this request came.");
  return request;
}
