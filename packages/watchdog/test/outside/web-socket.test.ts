// The WebSocket client against the server of the package `ws`.
import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { connectWebSocket } from "#watchdog/outside/web-socket.js";

async function connected() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const connection = once(server, "connection") as Promise<[WebSocket]>;
  const messages: string[] = [];
  let end = (): void => {};
  const closed = new Promise<void>((resolve) => (end = resolve));
  let arrived = (): void => {};
  const client = await connectWebSocket((server.address() as { port: number }).port, "/path", { message: (text) => (messages.push(text), arrived()), closed: () => end() });
  const [socket] = await connection;
  const count = (number: number): Promise<void> => new Promise((resolve) => (arrived = () => void (messages.length >= number && resolve())));
  return { client, socket, messages, count, closed };
}

it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])("sends and receives messages of %i characters", async (size) => {
  const { client, socket, messages, count } = await connected();
  const text = "ä".repeat(size);
  const echoed = count(1);
  socket.once("message", (data) => socket.send(String(data)));
  client.send(text);
  await echoed;
  expect(messages).toEqual([text]);
});

it("joins fragments, between which a ping may come, and answers the ping", async () => {
  const { socket, messages, count } = await connected();
  const [both, pong] = [count(2), once(socket, "pong")];
  socket.send("one ", { fin: false });
  socket.ping("beat");
  socket.send("message", { fin: true });
  socket.send("another");
  await both;
  expect(messages).toEqual(["one message", "another"]);
  expect(String((await pong)[0])).toBe("beat");
});

it("tells when the server, or the client itself, has ended the connection, and sends nothing then", async () => {
  const first = await connected();
  first.socket.close();
  await first.closed;
  first.client.send("too late");
  const second = await connected();
  second.client.close();
  await second.closed;
  await once(second.socket, "close");
});

it("rejects where nothing listens, and where the server is none for WebSockets", async () => {
  const listener = { message: () => {}, closed: () => {} };
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await expect(connectWebSocket(port, "/", listener)).rejects.toThrow("The inspector answered 404.");
  server.close();
  await once(server, "close");
  await expect(connectWebSocket(port, "/", listener)).rejects.toThrow("ECONNREFUSED");
});
