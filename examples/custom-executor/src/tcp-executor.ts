// The calling side of an executor whose workers are behind TCP. A worker is a connection to the host.
//
//   PoolExecutor ─▶ TcpWorker ── frames ──▶ host.ts ── the same bytes ──▶ worker.ts, in a process of its own
//                            ◀── frames ──  and, when that has ended, how it ended
import { connect, type Socket } from "node:net";
import type { WorkerExit } from "@offloop/workers";
import { type FromWorker, MessageSocket, PoolExecutor, type PoolOptions, resolvePoolOptions, type StartedWorker, type ToWorker, type WorkerListener } from "@offloop/workers/pool";

/** Options of a pool that are the host's to decide: it starts the processes. */
const ofTheHost = Object.fromEntries((["env", "execArgv", "maxHeapBytes", "nice"] as const).map((option) => [option, "the host starts the workers; give it to the host"]));

/** Where the host listens. */
export interface TcpOptions extends PoolOptions {
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
}

/**
 * An executor over processes that a host starts, one for each connection. A cancelled call is told through
 * the connection, also in the middle of synchronous code. `shutdown` lets the workers finish, and resolves
 * when the host has seen each of them end. If the host is gone, running calls reject with `WorkerCrashedError`.
 */
export class TcpExecutor extends PoolExecutor {
  constructor({ port, host = "127.0.0.1", ...options }: TcpOptions) {
    super({ name: "tcp", start: (listener) => new TcpWorker(connect({ port, host, noDelay: true }), listener) }, resolvePoolOptions(options, ofTheHost));
  }
}

/** What the host says last on a connection. */
export interface Exited {
  readonly type: "exited";
  readonly exit: Omit<WorkerExit, "workerId">;
}

/** Calls that a worker holds at the most. What was sent cannot be taken back, so few wait at a worker. */
const CAPACITY = 64;

/** How long a worker that was killed may stay silent before its connection is given up. A guess. */
const KILL_MS = 5_000;

class TcpWorker implements StartedWorker {
  readonly slots = undefined;
  readonly capacity = CAPACITY;
  readonly #socket: Socket;
  readonly #messages: MessageSocket<ToWorker, FromWorker | Exited>;

  constructor(socket: Socket, listener: WorkerListener) {
    let exit: Exited["exit"] = {};
    let failure: Error | undefined;
    this.#socket = socket.unref();
    this.#messages = new MessageSocket(socket, (message) => {
      if (message.type === "exited") exit = message.exit;
      else listener.received(message);
    });
    socket.on("error", (error) => (failure = error));
    socket.once("close", () => listener.exited(exit, failure));
  }

  send(message: ToWorker, moved?: readonly unknown[]): void {
    this.#messages.send(message, moved);
  }

  /** The `cancel` message that follows is all that a worker needs: it reads its line in the midst of a call. */
  requestCancel(): void {}

  poll(): void {
    this.#messages.poll();
  }

  close(): void {
    this.#socket.ref(); // shutdown() waits for its end
    this.send({ type: "close" });
  }

  /** The host kills the process when this side has closed its half of the connection. */
  kill(): void {
    const timer = setTimeout(() => this.#socket.destroy(), KILL_MS);
    this.#socket.ref().once("close", () => clearTimeout(timer));
    this.#socket.end();
  }
}
