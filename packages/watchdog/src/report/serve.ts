// The HTTP endpoint: health, metrics, stalls and the live page. It runs in the watching thread, so it answers while the
// watched loop is held. It answers GET and HEAD only, and only requests for a host that it knows: otherwise a page in a
// browser could read it through a name that its owner points at this machine (DNS rebinding).
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import type { ResolvedWatchdogOptions } from "../protocol/options.js";
import type { Stall } from "../protocol/stall.js";
import type { History } from "../place/history.js";
import type { PlaceBook } from "../place/place-book.js";
import type { LiveFeed } from "./live-feed.js";
import { printableJson } from "./console.js";
import { pageFile, pageHeaders, stallDetails, streamEvents } from "./live-page.js";
import { PoolMetrics } from "./pool-metrics.js";
import { stallLines } from "./stall-lines.js";

/** The data that the endpoint reads. */
export interface Served {
  readonly watch: { running(): Stall | undefined };
  readonly book: PlaceBook;
  readonly history: History;
  readonly feed: LiveFeed;
  listening(url: string): void;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The number of connections at once. A health check, a scraper and a person need three; the descriptors are the program's. */
const MOST_CONNECTIONS = 32;

/** Milliseconds for which a connection may be silent, and which a request may take. The answers take less than one. */
const IDLE_MS = 5_000;

/** Starts the endpoint. If the port is in use, a warning is emitted and the watchdog continues. */
export function serve(options: NonNullable<ResolvedWatchdogOptions["serve"]>, served: Served): Server {
  const pools = new PoolMetrics(served.feed.sampling);
  const server = createServer({ headersTimeout: IDLE_MS, requestTimeout: IDLE_MS, keepAliveTimeout: IDLE_MS, connectionsCheckingInterval: IDLE_MS / 5, maxHeaderSize: 8_192 }, (request, response) => {
    const path = request.url?.split("?")[0] ?? "/";
    const refused = refusal(request, options);
    if (refused === undefined && path === "/events" && request.method === "GET" && !served.feed.isFull) return streamEvents(served.feed, response);
    const send = ({ status, type, body, headers }: Answer): void => void response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...headers }).end(request.method === "HEAD" ? "" : body);
    if (refused === undefined && path === "/metrics") return void metrics(served, pools).then(send);
    send(refused ?? answer(path, options.unhealthyAfterMs, served));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = IDLE_MS;
  server.on("error", (error) => {
    process.emitWarning(`The watchdog's endpoint could not listen on ${options.host}:${options.port}: ${error.message}. Choose another serve.port.`);
  });
  server.listen(options.port, options.host, () => {
    const { address, port, family } = server.address() as AddressInfo;
    served.listening(`http://${family === "IPv6" ? `[${address}]` : address}:${port}`);
  });
  // The endpoint must not keep the watching thread alive.
  server.unref();
  return server;
}

/** The answer to a request that the endpoint does not serve. */
function refusal({ method, headers }: IncomingMessage, { host, hosts }: NonNullable<ResolvedWatchdogOptions["serve"]>): Answer | undefined {
  if (method !== "GET" && method !== "HEAD") return { ...json(405, { error: "The endpoint answers GET and HEAD." }), headers: { allow: "GET, HEAD" } };
  // An address cannot be pointed elsewhere, and HTTP/1.0 needs no host.
  const asked = headers.host?.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (asked === undefined || isIP(asked) !== 0 || ["localhost", host, ...hosts].some((known) => known.toLowerCase() === asked)) return undefined;
  return json(403, { error: `The endpoint does not answer for the host ${asked}. Add it to serve.hosts.` });
}

/** The text format of Prometheus. */
async function metrics({ watch, book, history }: Served, pools: PoolMetrics): Promise<Answer> {
  const lines = [...stallLines(watch.running(), book, history), ...(await pools.read(watch.running() !== undefined))];
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: `${lines.join("\n")}\n` };
}

function answer(path: string, unhealthyAfterMs: number, { watch, book, history, feed }: Served): Answer {
  const file = pageFile(path);
  if (file !== undefined) return { status: 200, ...file, headers: pageHeaders };
  const id = /^\/stalls\/(\d{1,15})$/.exec(path)?.[1];
  const details = id === undefined ? undefined : stallDetails(feed, Number(id));
  if (details !== undefined) return json(200, details);
  switch (path) {
    case "/healthz": {
      const stall = watch.running();
      const healthy = !stall || stall.durationMs < unhealthyAfterMs;
      return json(healthy ? 200 : 503, { status: healthy ? "ok" : "stalled", stall: stall && brief(stall) });
    }
    case "/stalls":
      return json(200, { running: watch.running(), worst: book.worst(), stalls: history.stalls });
    case "/events":
      return { status: feed.isFull ? 503 : 200, type: "text/event-stream", body: "" };
    default:
      return json(404, { error: "Not found. The endpoint serves the live page /, /healthz, /metrics and /stalls." });
  }
}

function brief({ durationMs, kind, place, call, task, context, fix }: Stall) {
  return { durationMs, kind, place, call, task, context, fix };
}

function json(status: number, value: unknown): Answer {
  return { status, type: "application/json; charset=utf-8", body: `${printableJson(value, 2)}\n` };
}
