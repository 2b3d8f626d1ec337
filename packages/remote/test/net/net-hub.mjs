// For tests: lets peers in other processes use a MemoryTransport. Each connection is one client; net-transport.mjs is the
// other side. If a connection breaks, its peers are cut off, and their leases end.
//
//   request   { id, peer, method, args }  ─▶     ◀─ answer  { id, value | error }
//                                                ◀─ event   { peer, event, args }        for a delivery: { peer, event: "run", id, args }
import { createServer } from "node:net";
import { MessageSocket } from "@offloop/workers/pool";

/** @param {import("@offloop/remote/memory").MemoryTransport} hub @returns the port */
export async function listen(hub) {
  const server = createServer((socket) => serve(hub, socket));
  server.unref();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server.address().port;
}

function serve(hub, socket) {
  const lines = new Map();
  const servings = new Map();
  const deliveries = new Map();
  let lastDelivery = 0;
  const messages = new MessageSocket(socket.setNoDelay(true).unref(), (message) => void receive(message));
  const event = (peer, name, ...args) => messages.send({ peer, event: name, args });

  const methods = {
    async join(id, peer) {
      lines.set(id, await hub.join(peer, { received: (message) => event(id, "received", message), lost: (key, loss) => event(id, "lost", key, loss) }));
    },
    async serve(id, queue, capacity) {
      const run = (delivery) =>
        new Promise((resolve, reject) => {
          deliveries.set((lastDelivery += 1), { resolve, reject });
          messages.send({ peer: id, event: "run", id: lastDelivery, args: [delivery] });
        });
      servings.set(id, await lines.get(id).serve(queue, capacity, run));
    },
    ran(_id, delivery, error) {
      const { resolve, reject } = deliveries.get(delivery);
      deliveries.delete(delivery);
      return error === undefined ? resolve() : reject(new Error(error));
    },
    stop: (id) => servings.get(id).stop(),
    leave(id) {
      const line = lines.get(id);
      lines.delete(id);
      return line.leave();
    },
  };

  async function receive({ id, peer, method, args }) {
    try {
      const value = method in methods ? await methods[method](peer, ...args) : await lines.get(peer)[method](...args);
      messages.send({ id, value });
    } catch (error) {
      messages.send({ id, error: error.message });
    }
  }

  socket.on("error", () => {});
  socket.on("close", () => {
    for (const peer of lines.keys()) if (hub.peers().includes(peer)) hub.cut(peer);
  });
}
