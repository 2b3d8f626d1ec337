// One connection of the pool: sends a line and receives a line, one exchange at a time.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";
import { Future } from "offloop";

export class Connection {
  readonly #socket: Socket;
  readonly #lines: Interface;
  #answer: Future<string> | undefined;

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new Connection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket });
    this.#lines.on("line", (line) => this.#answer?.done() === false && this.#answer.setResult(line));
    socket.on("error", () => {}).on("close", () => {
      if (this.#answer?.done() === false) this.#answer.setException(new Error("The connection was closed before the answer came. Repeat the exchange on another connection."));
    });
  }

  get usable(): boolean {
    return this.#socket.writable;
  }

  /** After a cancellation the answer may still arrive, so the connection must be closed. */
  async exchange(line: string): Promise<string> {
    if (!this.usable) throw new Error("The connection is closed. Open another one.");
    this.#answer = new Future<string>();
    this.#socket.write(`${line}\n`);
    return await this.#answer;
  }

  close(): void {
    this.#lines.close();
    this.#socket.destroy();
  }
}
