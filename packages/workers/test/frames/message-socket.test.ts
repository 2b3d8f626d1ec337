import { connect, createServer, type Socket } from "node:net";
import { decode, encode, type FromWorker, MessageSocket, type ToWorker } from "@offloop/workers/pool";
import { afterEach, expect, it } from "vitest";
import { until } from "../contract/executors.js";

const open: { destroy(): void }[] = [];
afterEach(() => open.splice(0).forEach((each) => each.destroy()));

async function pair(): Promise<[Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const near = connect((server.address() as { port: number }).port, "127.0.0.1");
  const far = await accepted;
  server.close();
  open.push(near, far);
  return [near, far];
}

const progress = (value: unknown): FromWorker => ({ type: "progress", slot: 0, id: 1, value });

it("carries messages in order, however the stream is cut", async () => {
  const [near, far] = await pair();
  const received: FromWorker[] = [];
  const main = new MessageSocket<ToWorker, FromWorker>(near, (message) => received.push(message));
  const worker = new MessageSocket<FromWorker, ToWorker>(far, () => {});
  const sent = Array.from({ length: 300 }, (_, index) => progress(index % 50 === 0 ? new Uint8Array(70_000).fill(index) : { index }));
  for (const message of sent) worker.send(message);
  await until(() => received.length === sent.length);
  main.poll();
  expect(received.every((message, index) => encode(message).equals(encode(sent[index])))).toBe(true);
});

it.runIf(process.platform !== "win32")("polls what has come in the midst of a message, and keeps the order", async () => {
  const [near, far] = await pair();
  const worker = new MessageSocket<FromWorker, ToWorker>(far, () => {});
  const began: number[] = [];
  const ended: number[] = [];
  const main = new MessageSocket<ToWorker, FromWorker>(near, (message) => {
    const { value } = message as { value: number };
    began.push(value);
    // Synchronous, as a call that asks whether it is cancelled: until the message after its own is there.
    while (value < 9 && began.at(-1) === value) main.poll();
    ended.push(value);
  });
  for (let value = 0; value < 10; value += 1) worker.send(progress(value));
  await until(() => ended.length === 10);
  expect(began).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(ended).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
});

it("refuses a value that another process cannot have, and sends no part of it", async () => {
  const [near, far] = await pair();
  const received: unknown[] = [];
  new MessageSocket<ToWorker, FromWorker>(near, (message) => received.push(message));
  const worker = new MessageSocket<FromWorker, ToWorker>(far, () => {});
  for (const value of [new SharedArrayBuffer(8), () => {}, new ReadableStream()]) expect(() => worker.send(progress(value))).toThrow();
  expect(() => worker.send(progress(1), [new MessageChannel().port1])).toThrow(/MessagePort/);
  worker.send(progress("after"));
  await until(() => received.length === 1);
  expect(received).toEqual([progress("after")]);
});

it("unknown bytes destroy the socket with an error", async () => {
  const [near, far] = await pair();
  const failed = new Promise<Error>((resolve) => near.once("error", resolve));
  new MessageSocket<ToWorker, FromWorker>(near, () => {});
  far.write("GET / HTTP/1.1\r\nhost: nobody\r\n\r\n");
  expect((await failed).message).toMatch(/bytes that are no message/);
});

it("one value becomes one block of bytes, and comes back as structured clone gives it", () => {
  const value = { when: new Date(5), big: new Uint8Array(70_000).fill(7), map: new Map([[1, { n: 1n }]]), float: new Float64Array([0.5]) };
  expect(decode(encode(value))).toEqual(value);
  for (const each of [undefined, null, 0, "text", [1, 2]]) expect(decode(encode(each))).toEqual(each);
  expect(() => encode(() => {})).toThrow(/could not be cloned/);
});

it("refuses bytes that are incomplete, too many or unknown", () => {
  const bytes = encode({ n: 1 });
  expect(() => decode(bytes.subarray(0, -1))).toThrow(/cut off/);
  expect(() => decode(Buffer.concat([bytes, bytes]))).toThrow(/more than one value/);
  expect(() => decode(Buffer.from("nothing of the kind"))).toThrow(/no message/);
});
