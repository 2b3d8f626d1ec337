// What a stall names where nothing but the watchdog is in the program: the request, and its route where the framework has one.
import http from "node:http";
import http2 from "node:http2";
import type { Server } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { startWatchdog } from "@offloop/watchdog";
import express from "express";
import { Context, Hono } from "hono";
import Koa from "koa";
import { describe, expect, it, onTestFinished } from "vitest";
import { hold } from "./fixtures/tasks.mjs";
import { ask, askHttp2, listen } from "./servers.js";

type Listener = (request: any, response: any) => unknown;
type Serve = (listener: Listener) => Server;

const work = (): string => String(hold(300));
const honoItems = (): Hono => new Hono().get("/items/:id", (c) => c.text(c.req.param("id") + work()));
const named = "GET /shop/items/7 (route /shop/items/:id)";

/** Each with a route below `/shop`, if it has routes. */
const frameworks: readonly (readonly [name: string, listener: () => Listener, expected: string])[] = [
  ["node", () => (_request, response) => response.end(work()), "GET /shop/items/7"],
  ["Koa", () => new Koa().use((ctx) => void (Object.assign(ctx, { _matchedRoute: "/shop/items/:id" }), (ctx.body = work()))).callback(), named],
  ["Hono", () => getRequestListener(new Hono().route("/shop", honoItems()).fetch), named],
  ["Hono with a middleware", () => getRequestListener(new Hono().use((_c, next) => next()).route("/shop", honoItems()).fetch), named],
];

/** Asks until a stall has this name. On a busy machine a stall may be taken for a wait for the processor. @returns all names */
async function namesOfStalls(server: Server, client: typeof ask, expected: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const watchdog = startWatchdog({ thresholdMs: 50, report: "silent", onStall: ({ context }) => void (context !== undefined && names.add(context)) });
  onTestFinished(() => watchdog.stop());
  await watchdog.ready();
  const { port } = await listen(server);
  while (!names.has(expected)) {
    expect((await client(port, "/shop/items/7?token=secret").answer).status).toBe(200);
    await watchdog.flush();
  }
  return names;
}

/** The first request of a server shows where its framework is, so it may have no route. */
const allowed = (expected: string): ReadonlySet<string> => new Set(["GET /shop/items/7", expected]);

describe.each<[string, Serve, typeof ask]>([
  ["HTTP/1", (listener) => http.createServer(listener), ask],
  ["HTTP/2", (listener) => http2.createServer(listener), askHttp2],
])("over %s", (_version, serve, client) => {
  it.each(frameworks)("a stall names the request of %s", async (_name, listener, expected) => {
    expect([...(await namesOfStalls(serve(listener()), client, expected))].filter((name) => !allowed(expected).has(name))).toEqual([]);
  });
});

it("a stall names the request of Express, which has no HTTP/2", async () => {
  const items = express.Router().get("/items/:id", (_request, response) => void response.send(work()));
  expect([...(await namesOfStalls(http.createServer(express().use("/shop", items)), ask, named))].filter((name) => !allowed(named).has(name))).toEqual([]);
});

it("a stall names the request of a stream of HTTP/2", async () => {
  const server = http2.createServer().on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(work());
  });
  expect([...(await namesOfStalls(server, askHttp2, "GET /shop/items/7"))].filter((name) => !allowed("GET /shop/items/7").has(name))).toEqual([]);
});

it("Hono is left as it was when the watchdog stops", async () => {
  const before = Object.getOwnPropertyDescriptor(Context.prototype, "req");
  const watchdog = startWatchdog({ report: "silent" });
  const { port } = await listen(http.createServer(getRequestListener(new Hono().get("/", (c) => c.text(c.req.method)).fetch)));
  while (Object.getOwnPropertyDescriptor(Context.prototype, "req")?.get === before?.get) expect((await ask(port, "/").answer).text).toBe("GET");
  await watchdog.stop();
  expect(Object.getOwnPropertyDescriptor(Context.prototype, "req")).toEqual(before);
});
