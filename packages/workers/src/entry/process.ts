// The entry of a child process: calls and answers pass over the IPC channel, which is a pipe of its
// own, so nothing that user code prints can disturb it. The process ends with the channel: when its
// parent is gone, so is it.
//
//   process/process-worker.ts ── IPC ──▶ CallRunner
import { CancelFile } from "../protocol/cancel-file.js";
import type { ToWorker } from "../protocol/messages.js";
import { refuseThreadOnly } from "../protocol/thread-only.js";
import { CallRunner } from "./run-calls.js";

/** Where process/process-worker.ts puts the file of cancellations: behind stdin, stdout, stderr and the channel. */
const CANCEL_FD = 4;

// Kept from here on, since user code may replace what it finds on `process`.
const send = process.send!.bind(process);
const disconnect = process.disconnect!.bind(process);
const exit = process.exit.bind(process);

const runner = new CallRunner(new CancelFile(CANCEL_FD), undefined, {
  send(message, moved) {
    refuseThreadOnly(message, moved);
    send(message);
  },
  // Not within a message: Node still has the channel in hand then.
  closed: () => setImmediate(disconnect),
});
process.on("message", (message: ToWorker) => runner.receive(message));
process.once("disconnect", () => exit(0));
