// The entry of a child process. Calls and answers travel over a separate socket, so user code that prints
// cannot disturb them. The process ends when its socket closes, so it ends with its parent.
//
//   process/process-worker.ts ── frames ──▶ CallRunner
import { fstatSync } from "node:fs";
import { Socket, type SocketConstructorOpts } from "node:net";
import { SOCKET_FD } from "../frames/frame.js";
import { MessageWriter, messageReader } from "../frames/message-writer.js";
import { MessageSocket } from "../frames/message-socket.js";
import { CancelFile } from "../protocol/cancel-file.js";
import { LoopSpin } from "../protocol/loop-spin.js";
import type { FromWorker, ToWorker } from "../protocol/messages.js";
import { refuseMoved } from "../protocol/refused-value.js";
import { WORKER_VARIABLE } from "../protocol/worker-variable.js";
import { endBroken, exit } from "./broken-socket.js";
import { CallRunner, type ServeOptions, type WorkerLine } from "./run-calls.js";

/** The descriptor of the file of cancellations, as process/process-worker.ts passes it. */
const CANCEL_FD = 4;

delete process.env[WORKER_VARIABLE];

/** The socket and its messages. */
interface OpenSocket {
  readonly socket: Socket;
  readonly messages: Pick<MessageWriter, "exiting"> & { send(message: FromWorker): void };
  readonly options: ServeOptions;
  poll?(): void;
}

/** The parent passes a file of cancellations. Synchronous code reads in it that it is cancelled. */
function openWithFile(): OpenSocket {
  const spin = new LoopSpin();
  const reader = messageReader<ToWorker>((message) => runner.receive(message), "of the first frame", () => writer.probe());
  const onread = {
    buffer: () => reader.space(),
    callback(bytes: number) {
      spin.arrived();
      endBroken(() => reader.filled(bytes));
      spin.expect();
      return true;
    },
  };
  const socket = new Socket({ fd: SOCKET_FD, readable: true, writable: true, onread } as SocketConstructorOpts);
  const writer = new MessageWriter(socket, () => reader.firstMark);
  return { socket, messages: writer, options: { cancelWords: new CancelFile(CANCEL_FD) } };
}

/** The parent cannot write a file. Synchronous code reads the socket instead, where the `cancel` message arrives. */
function openAlone(): OpenSocket {
  const socket = new Socket({ fd: SOCKET_FD, readable: true, writable: true });
  const messages = new MessageSocket<FromWorker, ToWorker>(socket, (message) => runner.receive(message), "of the first frame");
  return { socket, messages, options: {}, poll: () => messages.poll() };
}

const { socket, messages, options, poll } = fstatSync(CANCEL_FD).isFile() ? openWithFile() : openAlone();
process.on("exit", () => messages.exiting());
const line: WorkerLine = {
  send(message, moved) {
    refuseMoved(moved);
    messages.send(message);
  },
  closed: () => socket.end(() => exit(0)),
  ...(poll === undefined ? {} : { poll }),
};
const runner = new CallRunner(line, options);
socket.once("error", () => exit(0)).once("close", () => exit(0));
