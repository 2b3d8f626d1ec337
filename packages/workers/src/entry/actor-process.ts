// The entry of an actor's child process. Messages travel over a separate socket, so printed output cannot disturb them.
// The process ends when its socket closes, so it ends with its parent.
//
//   actor/actor-process.ts ── frames ──▶ actor-worker.ts
import { Socket } from "node:net";
import { SOCKET_FD } from "../frames/frame.js";
import { MessageWriter, messageReader } from "../frames/message-writer.js";
import { WORKER_VARIABLE } from "../protocol/worker-variable.js";
import type { WireMessage } from "../remote/wire.js";
import { serveActor } from "./actor-worker.js";
import { endBroken, exit } from "./broken-socket.js";

delete process.env[WORKER_VARIABLE];

const socket = new Socket({ fd: SOCKET_FD, readable: true, writable: true });
const reader = messageReader<WireMessage>((message) => wire.receive(message), "of the first frame", () => writer.probe());
const writer = new MessageWriter(socket, () => reader.firstMark);
const { wire } = serveActor({ post: (message) => writer.send(message) }, false);
process.on("exit", () => writer.exiting());
socket.on("data", (bytes: Buffer) => endBroken(() => reader.push(bytes)));
socket.once("error", () => exit(0)).once("close", () => exit(0));
