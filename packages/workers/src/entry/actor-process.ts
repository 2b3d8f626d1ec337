// The entry of an actor's child process. Messages travel over the IPC channel, a separate pipe, so printed
// output cannot disturb them. The process ends when the IPC channel closes, so it ends with its parent.
//
//   actor/actor-process.ts ── IPC ──▶ actor-worker.ts
import { WORKER_VARIABLE } from "../protocol/worker-variable.js";
import { type IpcMessage, ofWire } from "../remote/wire.js";
import { serveActor } from "./actor-worker.js";

// Read at start, because user code may replace properties of `process`.
const send = process.send!.bind(process);
const exit = process.exit.bind(process);

delete process.env[WORKER_VARIABLE];

// A message to a closed IPC channel has no reader.
const { wire } = serveActor({ post: (message) => void send({ offloop: message } satisfies IpcMessage, undefined, {}, () => {}) }, false);
process.on("message", (delivered) => {
  const message = ofWire(delivered);
  if (message !== undefined) wire.receive(message);
});
process.once("disconnect", () => exit(0));
