// Real servers of each framework, all with one handler, and clients that go away.
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo, type Server } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type AnyRequest, shedLoad, type ShedLoad } from "@offloop/http";
import express from "express";
import { Hono } from "hono";
import Koa from "koa";
import { onTestFinished } from "vitest";

/** Answers a request with a text, or throws. */
export type Handler = (request: AnyRequest) => Promise<string>;

export interface Running {
  readonly port: number;
  readonly server: Server;
}

const asText = { "content-type": "text/plain" };

/** What each framework makes of a handler. The second argument is an optional middleware for all of its routes. */
export const frameworks: Readonly<Record<string, (handler: Handler, shed?: ShedLoad) => Server>> = {
  "node:http": (handler, shed = shedLoad()) => http.createServer((req, res) => shed(req, res, async () => res.writeHead(200, asText).end(await handler(req)))),
  Express: (handler, shed = shedLoad()) =>
    http.createServer(
      express()
        .use(shed)
        .get("/docs/:name", async (req, res) => void res.send(await handler(req))),
    ),
  Koa: (handler, shed = shedLoad()) =>
    http.createServer(
      new Koa()
        .use(shed)
        .use(async (ctx) => void (ctx.body = await handler(ctx)))
        .callback(),
    ),
  Hono: (handler, shed = shedLoad()) =>
    http.createServer(
      getRequestListener(
        new Hono()
          .use(shed)
          .get("/docs/:name", async (c) => c.text(await handler(c)))
          .onError((error, c) => c.text(error.message, 500)).fetch,
      ),
    ),
};

/** The same for servers of HTTP/2. */
const http2Frameworks: typeof frameworks = {
  "requests of node:http2": (handler, shed = shedLoad()) => http2.createServer((req, res) => shed(req, res, async () => (res.writeHead(200, asText), res.end(await handler(req))))),
  "streams of node:http2": (handler) =>
    http2.createServer().on("stream", async (stream) => {
      const text = await handler(stream).catch(String);
      if (stream.destroyed) return;
      stream.respond({ ":status": 200 });
      stream.end(text);
    }),
};

/** The server listens until the test is over. */
export async function listen(server: Server): Promise<Running> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => void sockets.add(socket.once("close", () => sockets.delete(socket))));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    if (server.listening) await once(server, "close");
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A client whose connection the test closes. */
export interface Client {
  goAway(): void;
  /** Status, headers and text of the answer. */
  readonly answer: Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string }>;
}

export function ask(port: number, path = "/docs/one", options: http.RequestOptions = {}): Client {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false, ...options });
  const answer = (async () => {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return { status: response.statusCode!, headers: response.headers, text };
  })();
  answer.catch(() => {});
  return { answer, goAway: () => void request.destroy() };
}

export function askHttp2(port: number, path = "/docs/one"): Client {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const stream = session.request({ ":path": path });
  stream.on("error", () => {});
  const answer = (async () => {
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk;
    session.close();
    return { status: Number((headers as { readonly ":status"?: unknown })[":status"]), headers, text };
  })();
  answer.catch(() => {});
  return { answer, goAway: () => (stream.close(http2.constants.NGHTTP2_CANCEL), session.close()) };
}

/** All servers, each with its client. */
export const everywhere = [...Object.entries(frameworks).map(([name, serve]) => ({ name, serve, ask })), ...Object.entries(http2Frameworks).map(([name, serve]) => ({ name, serve, ask: askHttp2 }))];

/** A promise that the test settles. */
export function gate<T>(): { readonly promise: Promise<T>; open(value: T): void } {
  let open!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (open = resolve));
  return { promise, open };
}
