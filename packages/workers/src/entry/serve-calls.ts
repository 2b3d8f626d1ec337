// The door of entry/ for executors of others: serves calls over a line that they bring.
//
//   WorkerChannel.send ── ToWorker ──▶ server.receive        line.send ── FromWorker ──▶ WorkerListener.received
import type { ToWorker } from "../protocol/messages.js";
import { CallRunner, type ServeOptions, type WorkerLine } from "./run-calls.js";

/** What serves the calls of one line. */
export interface CallServer {
  /** Takes a message of the main side's. Never throws; may run a call before it returns, so hand it one message at a time. */
  receive(message: ToWorker): void;
  /** Whether no call runs and none is waiting. */
  readonly idle: boolean;
}

/**
 * Serves calls in this thread: runs what the main side sends over the line, one call at a time, and answers.
 * Whatever a function throws or returns, the worker goes on, except where user code ends its thread or process.
 *
 * Cancellation comes as a message, and reaches synchronous code through `line.poll`, `slots` or `cancelWords`.
 * A `close` message ends the service: the last answer leaves, the teardown module runs, `line.closed` is called.
 * A thread serves one line; a line that breaks is for its owner to see, who then ends the worker.
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
