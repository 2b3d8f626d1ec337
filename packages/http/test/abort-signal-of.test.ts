// The signal of a request, with clients that go away and clients that stay.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { abortSignalOf, ClientGoneError } from "@offloop/http";
import { expect, it, describe } from "vitest";
import { ask, everywhere, frameworks, gate, listen } from "./servers.js";

const fired = (signal: AbortSignal): unknown => signal.aborted || once(signal, "abort");

describe.each(everywhere)("$name", ({ serve, ask }) => {
  it("fires when the client goes away before the answer, with an error that names the request", async () => {
    const signal = gate<AbortSignal>();
    const never = gate<string>();
    const { port } = await listen(serve((request) => (signal.open(abortSignalOf(request)), never.promise)));
    const client = ask(port, "/docs/one?token=secret");
    const received = await signal.promise;
    expect(received.aborted).toBe(false);
    client.goAway();
    await fired(received);
    expect(received.reason).toMatchObject({ code: "ERR_OFFLOOP_CLIENT_GONE", statusCode: 499 });
    expect(received.reason).toBeInstanceOf(ClientGoneError);
    expect((received.reason as Error).message).toMatch(/^The client of (GET \/docs\/(one|:name)|a stream of HTTP\/2) closed/);
    never.open("");
  });

  it("does not fire when the client has its answer and closes", async () => {
    const signal = gate<AbortSignal>();
    const { port, server } = await listen(serve(async (request) => (signal.open(abortSignalOf(request)), "done")));
    const [connection] = [once(server, "connection")];
    const client = ask(port);
    const [socket] = (await connection) as [net.Socket];
    const closed = once(socket, "close");
    expect(await client.answer).toMatchObject({ status: 200, text: "done" });
    client.goAway();
    await closed;
    expect((await signal.promise).aborted).toBe(false);
  });

  it("is the same for each call, and has fired already for a client that had gone", async () => {
    const arrived = gate<void>();
    const gone = gate<void>();
    const seen = gate<readonly AbortSignal[]>();
    const { port, server } = await listen(
      serve(async (request) => {
        arrived.open();
        await gone.promise;
        seen.open([abortSignalOf(request), abortSignalOf(request)]);
        return "";
      }),
    );
    const connection = once(server, "connection") as Promise<[net.Socket]>;
    const client = ask(port);
    const [socket] = await connection;
    await arrived.promise;
    const closed = once(socket, "close");
    client.goAway();
    await closed;
    gone.open();
    const [first, second] = await seen.promise;
    expect(first).toBe(second);
    await fired(first!);
    expect(first!.aborted).toBe(true);
  });
});

it("fires for a request that waits behind another one on its connection", async () => {
  const signals: AbortSignal[] = [];
  const both = gate<void>();
  const { port } = await listen(
    frameworks["node:http"]!((request) => {
      signals.push(abortSignalOf(request));
      if (signals.length === 2) both.open();
      return new Promise(() => {});
    }),
  );
  const socket = net.connect(port, "127.0.0.1");
  socket.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  await both.promise;
  socket.destroy();
  await Promise.all(signals.map(fired));
  expect(signals.map(({ reason }) => (reason as Error).message.split(" ", 5).at(-1))).toEqual(["/a", "/b"]);
});

it("does not fire for the first of two requests on a connection that closes during the second", async () => {
  const signals: AbortSignal[] = [];
  const { port } = await listen(
    frameworks["node:http"]!((request) => {
      signals.push(abortSignalOf(request));
      return signals.length === 1 ? Promise.resolve("first") : new Promise(() => {});
    }),
  );
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(port, "/a", { agent }).answer).toMatchObject({ text: "first" });
  const second = ask(port, "/b", { agent });
  while (signals.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  second.goAway();
  await fired(signals[1]!);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  agent.destroy();
});

it("fires for a POST whose body was read", async () => {
  const signal = gate<AbortSignal>();
  const server = http.createServer(async (request) => {
    for await (const _ of request);
    signal.open(abortSignalOf(request));
  });
  const { port } = await listen(server);
  const client = http.request({ port, host: "127.0.0.1", method: "POST", agent: false }).on("error", () => {});
  client.end("body");
  const received = await signal.promise;
  expect(received.aborted).toBe(false);
  client.destroy();
  await fired(received);
});

it("is the request's own signal for a request of the Fetch API", () => {
  const request = new Request("http://localhost/docs?x=1");
  expect(abortSignalOf(request)).toBe(request.signal);
});

it.each([undefined, null, 5, "GET /", {}, { signal: new AbortController().signal }, new AbortController().signal])("refuses what is no request: %o", (given) => {
  expect(() => abortSignalOf(given as never)).toThrow(expect.objectContaining({ code: "ERR_OFFLOOP_INVALID_ARGUMENT", message: expect.stringContaining("abortSignalOf(request)") }));
});
