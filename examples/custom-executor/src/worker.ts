// A worker of the host: serves the calls that arrive on file descriptor 3, and ends when it closes.
import { Socket } from "node:net";
import { type FromWorker, MessageSocket, serveCalls, type ToWorker } from "@offloop/workers/worker";

// Kept before user code runs, because that may replace functions of `process`.
const exit = process.exit.bind(process);

const socket = new Socket({ fd: 3, readable: true, writable: true });
const messages = new MessageSocket<FromWorker, ToWorker>(socket, (message) => server.receive(message));
process.on("exit", () => messages.exiting());
const server = serveCalls({
  send: (message, moved) => messages.send(message, moved),
  poll: () => messages.poll(),
  closed: () => socket.end(() => exit(0)),
});
socket.on("error", () => exit(0)).once("close", () => exit(0));
