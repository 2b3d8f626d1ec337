// Finds Node's own request and response behind the request of any framework. Nothing of a framework is imported: its
// objects are recognised by the properties that it documents.
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";
import { invalidArgument } from "@offloop/workers/executor";
import { now } from "./real-time.js";

/** A request of Node itself. Express extends it. */
export type NodeRequest = IncomingMessage | Http2ServerRequest | ServerHttp2Stream;

/** A request of Fastify. */
export interface FastifyStyleRequest {
  /** Node's request. */
  readonly raw: IncomingMessage | Http2ServerRequest;
}

/** A context of Koa, and what tRPC and Apollo pass to `createContext`. */
export interface KoaStyleContext {
  /** Node's request. */
  readonly req: IncomingMessage | Http2ServerRequest;
  /** Node's response. */
  readonly res: object;
}

/** A context of Hono. */
export interface HonoStyleContext {
  /** Hono's request, with that of the Fetch API. */
  readonly req: { readonly raw: Request };
  /** With Hono on Node, it has Node's request as `incoming`. */
  readonly env: unknown;
}

/** A request of the Fetch API: route handlers of Next, tRPC's fetch adapter, Bun, Deno. */
export interface FetchStyleRequest {
  /** Fires when the platform sees that the client has gone. */
  readonly signal: AbortSignal;
  /** The method in capitals, such as `GET`. */
  readonly method: string;
  /** The whole URL. Names take its path alone. */
  readonly url: string;
}

/** The request of any framework, or its context. */
export type AnyRequest = NodeRequest | FastifyStyleRequest | KoaStyleContext | HonoStyleContext | FetchStyleRequest;

/** What tells that the client has gone: Node's pair, a stream of HTTP/2, or a signal that the platform made. */
export type Connection =
  | { readonly kind: "message"; readonly request: IncomingMessage; readonly response: ServerResponse | undefined }
  | { readonly kind: "stream"; readonly request: object; readonly stream: ServerHttp2Stream }
  | { readonly kind: "signal"; readonly request: FetchStyleRequest; readonly signal: AbortSignal };

interface Arrival {
  readonly response: ServerResponse;
  readonly atMs: number;
}

/** The response of each request, and when it arrived. Node links only the response to its request. */
const arrivals = new WeakMap<object, Arrival>();

subscribe("http.server.request.start", (message) => {
  const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
  arrivals.set(request, { response, atMs: now() });
});

/** When the request arrived, on the clock of `performance.now()`. Requests of HTTP/2 and of the Fetch API: when they were first asked about. */
export function arrivedAtMs(request: object): number {
  const known = arrivals.get(request)?.atMs ?? firstAsked.get(request);
  if (known !== undefined) return known;
  const atMs = now();
  firstAsked.set(request, atMs);
  return atMs;
}

const firstAsked = new WeakMap<object, number>();

type Loose = Readonly<Record<string, any>>;

/** @param of the function that was called, for the message @throws InvalidArgumentError */
export function connectionOf(request: AnyRequest, of: string): Connection {
  const found = typeof request === "object" && request !== null ? find(request) : undefined;
  if (found === undefined) throw invalidArgument(of, "the request or context of node:http, node:http2, Express, Koa, Hono, Fastify or the Fetch API", request, `${of.slice(0, -1)}request)`);
  return found;
}

function find(given: Loose): Connection | undefined {
  if (isStream(given)) return { kind: "stream", request: given, stream: given };
  if (isStream(given["stream"])) return { kind: "stream", request: given, stream: given["stream"] };
  if (isMessage(given)) return { kind: "message", request: given, response: arrivals.get(given)?.response ?? responseBeside(given) };
  const { raw, req, env } = given;
  if (isNodes(raw)) return find(raw);
  if (isNodes(req)) return find(req);
  if (isNodes(env?.incoming)) return find(env.incoming); // Hono on Node
  if (isFetchRequest(req?.raw)) return { kind: "signal", request: req.raw, signal: req.raw.signal };
  return isFetchRequest(given) ? { kind: "signal", request: given, signal: given.signal } : undefined;
}

/** For requests that came before this module was loaded, and for those that a test made without a server. */
function responseBeside(request: IncomingMessage): ServerResponse | undefined {
  const { res, socket } = request as { readonly res?: ServerResponse; readonly socket?: { readonly _httpMessage?: ServerResponse } };
  return res ?? (socket?._httpMessage?.req === request ? socket._httpMessage : undefined);
}

const isStream = (value: any): value is ServerHttp2Stream => typeof value?.respond === "function" && typeof value.pushStream === "function";
const isMessage = (value: any): value is IncomingMessage => typeof value?.httpVersion === "string" && typeof value.on === "function";
const isNodes = (value: any): value is IncomingMessage => isMessage(value) || isStream(value?.stream);
const isFetchRequest = (value: any): value is FetchStyleRequest => value?.signal instanceof AbortSignal && typeof value.url === "string" && typeof value.method === "string";
