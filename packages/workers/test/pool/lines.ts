// An executor over threads that exchange frames over a socket, as a remote process would. Each side has
// its own travel rules.
import { createServer, type Server } from "node:net";
import { Worker } from "node:worker_threads";
import { type FromWorker, MessageSocket, PoolExecutor, type PoolOptions, resolvePoolOptions, type StartedWorker, type ToWorker, type TravelRules, type WorkerListener } from "@offloop/workers/pool";

/** Threads behind TCP. @param entry the worker's program: gets `port` as its `workerData` */
export class SocketExecutor extends PoolExecutor {
  readonly #server: Server;

  constructor(entry: URL, travel: TravelRules | undefined, options: PoolOptions = {}) {
    const server = createServer();
    const listening = new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)));
    super({ name: "socket", travel, start: (listener) => startWorker(listener, entry, server, listening) }, resolvePoolOptions(options));
    this.#server = server;
  }

  override async shutdown(options?: Parameters<PoolExecutor["shutdown"]>[0]): Promise<void> {
    await super.shutdown(options);
    this.#server.close();
  }
}

function startWorker(listener: WorkerListener, entry: URL, server: Server, listening: Promise<number>): StartedWorker {
  const waiting: ToWorker[] = [];
  let messages: MessageSocket<ToWorker, FromWorker> | undefined;
  const worker = listening.then((port) => {
    server.once("connection", (socket) => {
      socket.on("error", () => {});
      messages = new MessageSocket(socket, (message) => listener.received(message));
      for (const message of waiting.splice(0)) messages.send(message);
    });
    return new Worker(entry, { workerData: port });
  });
  void worker.then((started) => started.once("exit", (exitCode) => listener.exited({ exitCode })));
  return {
    slots: undefined,
    capacity: 8,
    send: (message, moved) => (messages === undefined ? void waiting.push(message) : messages.send(message, moved)),
    requestCancel: () => {},
    poll: () => messages?.poll(),
    close() {
      this.send({ type: "close" });
    },
    kill: () => void worker.then((started) => started.terminate()),
  };
}
