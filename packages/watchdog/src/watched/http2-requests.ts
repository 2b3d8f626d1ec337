// Tells which HTTP/2 request is handled. Node 20 publishes HTTP/2 requests on no channel. So this file waits for the first
// connection of an HTTP/2 server, and then watches the events of all HTTP/2 servers. It does not load `node:http2`.
//
//   net.server.socket ─▶ the server of the connection ─▶ its class's `emit` ─▶ "stream", then "request" ─▶ handler
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** A request, or the method and the URL of a stream that has none. */
export interface Http2Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** Runs `emit`, which calls the handlers of the request. */
type Handle = (request: Http2Request, server: object, emit: () => boolean) => boolean;

interface Emitter {
  emit(this: unknown, event: string | symbol, ...args: unknown[]): boolean;
}

const CONNECTED = "net.server.socket";
const HTTP2_SERVER = /^Http2(?:Secure)?Server$/;

/** Calls `handle` with each HTTP/2 request, in place of the handlers. @returns a function that undoes this */
export function followHttp2(handle: Handle): () => void {
  const restore = new Map<Emitter, () => void>();
  const connected = (message: unknown): void => {
    const server = (message as { readonly socket?: { readonly server?: object } }).socket?.server;
    const prototype = server && (Object.getPrototypeOf(server) as Emitter & { readonly constructor?: { readonly name?: string } });
    if (prototype && HTTP2_SERVER.test(prototype.constructor?.name ?? "") && !restore.has(prototype)) restore.set(prototype, watchEmit(prototype, handle));
  };
  subscribe(CONNECTED, connected);
  return () => {
    unsubscribe(CONNECTED, connected);
    for (const each of restore.values()) each();
  };
}

function watchEmit(prototype: Emitter, handle: Handle): () => void {
  const inherited = prototype.emit;
  const watching: Emitter["emit"] = function emit(event, ...args) {
    const request = requestOf(event, args);
    return request ? handle(request, this as object, () => inherited.call(this, event, ...args)) : inherited.call(this, event, ...args);
  };
  Object.defineProperty(prototype, "emit", { value: watching, configurable: true, writable: true, enumerable: false });
  return () => {
    if (prototype.emit === watching) delete (prototype as Partial<Emitter>).emit;
  };
}

function requestOf(event: string | symbol, args: readonly unknown[]): Http2Request | undefined {
  if (event === "request") return args[0] as Http2Request;
  if (event !== "stream") return undefined;
  const { ":method": method, ":path": url } = args[1] as { readonly ":method"?: string; readonly ":path"?: string };
  return { method, url };
}
