// The server for the example: answers each line with the same line after a moment, and counts its connections.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

const momentMs = 5;

export class EchoServer implements AsyncDisposable {
  /** The largest number of simultaneous connections so far. */
  most = 0;
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
    this.most = Math.max(this.most, this.#sockets.size);
    socket.setNoDelay().on("data", (data) => setTimeout(() => socket.write(data), momentMs));
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
  }
}
