// The entry point for third-party executors: serves calls over their own line.
//
//   StartedWorker.send ── ToWorker ──▶ server.receive        line.send ── FromWorker ──▶ WorkerListener.received
import type { ToWorker } from "../protocol/messages.js";
import { CallRunner, type ServeOptions, type WorkerLine } from "./run-calls.js";

/** Serves the calls of one line. */
export interface CallServer {
  /** Receives a message of the main side. Never throws. It may run a call before it returns, so pass one message at a time. */
  receive(message: ToWorker): void;
  /** Whether no call runs and none is waiting. */
  readonly idle: boolean;
}

/**
 * Serves calls in this thread: runs what the main side sends over the line, one call at a time, and answers.
 * The worker survives everything that a function throws or returns, unless user code ends its thread or process.
 *
 * A cancellation arrives as a message. It reaches synchronous code through `line.poll`, `slots` or `cancelWords`.
 * A `close` message ends the service: the last answer is sent, the teardown module runs, `line.closed` is called.
 * A thread serves one line. The owner of the line must detect that it broke, and end the worker.
 * @example
 * const socket = new Socket({ fd: 3 });
 * const messages = new MessageSocket<FromWorker, ToWorker>(socket, (message) => server.receive(message));
 * const server = serveCalls({
 *   send: (message, moved) => messages.send(message, moved),
 *   poll: () => messages.poll(),
 *   closed: () => socket.end(() => process.exit(0)),
 * });
 */
export function serveCalls(line: WorkerLine, options?: ServeOptions): CallServer {
  return new CallRunner(line, options);
}
