// The calling side of an executor whose workers are behind TCP. A worker is a connection to the host.
//
//   PoolExecutor ─▶ TcpWorker ── frames ──▶ host.ts ── the same bytes ──▶ worker.ts, in a process of its own
//                            ◀── frames ──  and, at its end, its exit code or signal
import { connect, type Socket } from "node:net";
import type { WorkerExit } from "@offloop/workers";
import { type FromWorker, MessageSocket, PoolExecutor, type PoolOptions, resolvePoolOptions, type StartedWorker, type ToWorker, type WorkerListener } from "@offloop/workers/pool";

/** Pool options that the host would have to support, because it starts the processes. */
const ofTheHost = Object.fromEntries((["env", "execArgv", "maxHeapBytes", "nice"] as const).map((option) => [option, "the host starts the workers; give it to the host"]));

/** Options of a pool, and the address of the host. */
export interface TcpOptions extends PoolOptions {
  readonly port: number;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
}

/**
 * An executor over processes that a host starts, one for each connection. A cancellation is sent through the
 * connection, and synchronous code can read it in the middle of a call. `shutdown` lets the workers finish, and
 * resolves when the host has reported the end of each. If the host ends, running calls reject with `WorkerCrashedError`.
 */
export class TcpExecutor extends PoolExecutor {
  constructor({ port, host = "127.0.0.1", ...options }: TcpOptions) {
    super({ name: "tcp", start: (listener) => new TcpWorker(connect({ port, host, noDelay: true }), listener) }, resolvePoolOptions(options, ofTheHost));
  }
}

/** The host's last message on a connection. */
export interface Exited {
  readonly type: "exited";
  readonly exit: Omit<WorkerExit, "workerId">;
}

/** The largest number of calls that a worker holds. A call that was sent cannot be taken back, so the number is small. */
const CAPACITY = 64;

/** Milliseconds to wait for the end of a killed worker. Then its connection is closed. A guess. */
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

  /** The pool also sends a `cancel` message. The worker can read it in the middle of a call. */
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
