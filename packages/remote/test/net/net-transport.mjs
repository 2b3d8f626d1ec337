// For tests: the transport to the hub of another process, over a connection that keeps nothing alive. See net-hub.mjs.
import { once } from "node:events";
import { connect } from "node:net";
import { MessageSocket } from "@offloop/workers/pool";

export class NetTransport {
  name = "net";
  maxBytes = 2 ** 26;
  #port;
  #messages;
  #socket;
  #asked = new Map();
  #peers = new Map();
  #lastId = 0;

  constructor(port) {
    this.#port = port;
  }

  async join(peer, listener) {
    await (this.#messages ??= this.#connect());
    this.#peers.set(peer.id, { listener, run: undefined });
    await this.#ask(peer.id, "join", peer);
    const ask = (method) => (...args) => this.#ask(peer.id, method, ...args);
    return {
      send: ask("send"),
      isPresent: ask("isPresent"),
      hosts: ask("hosts"),
      push: ask("push"),
      takeBack: ask("takeBack"),
      settled: (key) => void this.#ask(peer.id, "settled", key).catch(() => {}),
      serve: async (queue, capacity, run) => {
        this.#peers.get(peer.id).run = run;
        await this.#ask(peer.id, "serve", queue, capacity);
        return { stop: ask("stop") };
      },
      tell: ask("tell"),
      leave: ask("leave"),
    };
  }

  async close() {
    this.#socket?.destroy();
  }

  async #connect() {
    const socket = (this.#socket = connect(this.#port, "127.0.0.1"));
    await once(socket, "connect");
    socket.setNoDelay(true).unref();
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of this.#asked.values()) reject(new Error("the transport is closed"));
      this.#asked.clear();
    });
    return new MessageSocket(socket, (message) => this.#receive(message));
  }

  async #ask(peer, method, ...args) {
    const id = (this.#lastId += 1);
    const messages = await this.#messages;
    if (this.#socket.destroyed) throw new Error("the transport is closed");
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      messages.send({ id, peer, method, args });
    });
  }

  #receive({ id, value, error, peer, event, args }) {
    if (event === undefined) {
      const { resolve, reject } = this.#asked.get(id);
      this.#asked.delete(id);
      return error === undefined ? resolve(value) : reject(new Error(error));
    }
    const { listener, run } = this.#peers.get(peer);
    if (event !== "run") return listener[event](...args);
    run(...args).then(
      () => this.#ask(peer, "ran", id).catch(() => {}),
      (failed) => this.#ask(peer, "ran", id, failed.message).catch(() => {}),
    );
  }
}
