// The server to connect to: answers each line with the same line, and counts who is connected.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export class EchoServer implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Goes silent on one connection without closing it, as a host behind a broken cable does. */
  muteOne(): void {
    const [socket] = this.#sockets;
    socket?.removeAllListeners("data").resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay().on("data", (data) => socket.write(data));
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
  }
}
