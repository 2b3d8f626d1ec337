// The signal of a request: it fires when the client goes away before the answer is complete.
//
//   HTTP/1   The response closes before it was written, or the connection does while an earlier response is written.
//   HTTP/2   The stream closes before the answer was written.
//   Fetch    The request's own signal fires.
import { type AnyRequest, type Connection, connectionOf } from "./any-request.js";
import { ClientGoneError } from "./errors.js";
import { nameOf } from "./request-name.js";

const signals = new WeakMap<object, AbortSignal>();

/**
 * The signal that fires when the client of a request goes away before the answer is complete. It never fires once the
 * answer is written. Every call with the same request returns the same signal. Its reason is a `ClientGoneError`; for
 * requests of the Fetch API it is the platform's own signal.
 * @param request the request of `node:http`, `node:http2`, Express, Fastify, Next or tRPC, or the context of Koa or Hono
 * @throws InvalidArgumentError `request` is none of these
 * @example
 * app.get("/docs/:name", async (req, res) => {
 *   res.send(await toThread.with({ signal: abortSignalOf(req) })(render, req.params.name));
 * });
 */
export function abortSignalOf(request: AnyRequest): AbortSignal {
  return signalOfConnection(connectionOf(request, "abortSignalOf()"));
}

/** As `abortSignalOf`, of a connection that was found already. */
export function signalOfConnection(connection: Connection): AbortSignal {
  if (connection.kind === "signal") return connection.signal;
  const known = signals.get(connection.request);
  if (known !== undefined) return known;
  const controller = new AbortController();
  signals.set(connection.request, controller.signal);
  const gone = (): void => controller.abort(new ClientGoneError(nameOf(connection)));
  if (connection.kind === "stream") followStream(connection, gone);
  else followMessage(connection, gone);
  return controller.signal;
}

function followStream({ stream }: Extract<Connection, { kind: "stream" }>, gone: () => void): void {
  const closed = (): void => {
    // Node ends the stream of a client that has gone, so it may be finished all the same.
    if (stream.aborted || !stream.writableFinished) gone();
  };
  if (stream.closed || stream.destroyed) closed();
  else stream.once("close", closed);
}

function followMessage({ request, response }: Extract<Connection, { kind: "message" }>, gone: () => void): void {
  const isGone = (): boolean => response?.writableFinished !== true && (response?.destroyed === true || request.socket?.destroyed === true);
  if (isGone()) return gone();
  const closed = (): void => {
    if (isGone()) gone();
  };
  response?.once("close", closed);
  // Behind another request on the same connection, the response has no connection yet that could close.
  request.once("close", closed);
}
