// The entry of an actor's child process: messages pass over the IPC channel, a pipe of its own that
// nothing printed can disturb. The process ends with the channel: when its parent is gone, so is it.
//
//   actor/actor-process.ts ── IPC ──▶ actor-worker.ts
import type { WireMessage } from "../remote/wire.js";
import { serveActor } from "./actor-worker.js";

// Kept from here on, since user code may replace what it finds on `process`.
const send = process.send!.bind(process);
const exit = process.exit.bind(process);

// A message that finds the channel closed has nobody left to read it.
const { wire } = serveActor({ post: (message) => void send(message, undefined, {}, () => {}) }, false);
process.on("message", (message: WireMessage) => wire.receive(message));
process.once("disconnect", () => exit(0));
