// The entry of a child process. Calls and answers travel over a separate channel, so user code that prints
// cannot disturb them. The process ends when its channel closes, so it ends with its parent.
//
//   process/process-worker.ts ── frames ──▶ CallRunner
import { Socket, type SocketConstructorOpts } from "node:net";
import { MessageWriter, messageReader } from "../channel/frame-channel.js";
import { CancelFile } from "../protocol/cancel-file.js";
import { LoopSpin } from "../protocol/loop-spin.js";
import type { ToWorker } from "../protocol/messages.js";
import { refuseMoved } from "../protocol/refused-value.js";
import { CallRunner, type WorkerLine } from "./run-calls.js";

/** The descriptors of the channel and of the file of cancellations, as process/process-worker.ts passes them. */
const CHANNEL_FD = 3;
const CANCEL_FD = 4;

// Read at start, because user code may replace properties of `process`.
const exit = process.exit.bind(process);

const spin = new LoopSpin();
const reader = messageReader<ToWorker>((message) => runner.receive(message), "of the first frame");
const onread = {
  buffer: () => reader.space(),
  callback(bytes: number) {
    spin.arrived();
    reader.filled(bytes);
    spin.expect();
    return true;
  },
};
const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true, onread } as SocketConstructorOpts);
const writer = new MessageWriter(socket, () => reader.mark);
process.on("exit", () => writer.exiting());
const line: WorkerLine = {
  send(message, moved) {
    refuseMoved(moved);
    writer.send(message);
  },
  closed: () => socket.end(() => exit(0)),
};
const runner = new CallRunner(line, { cancelWords: new CancelFile(CANCEL_FD) });
socket.once("error", () => exit(0)).once("close", () => exit(0));
