// A process with a hub and any number of hosts, for the contract suite. An executor under test asks for a host of its own
// over a second connection, line by line as JSON.
//
//   { queue, pool }  ─▶ starts a host     { queue, stop: options } ─▶ stops it     ◀─ { queue } when it has started or ended, or { queue, error }
//
// It prints the ports of the hub and of the requests, and ends with its standard input.
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { startHost } from "@offloop/remote";
import { MemoryTransport } from "@offloop/remote/memory";
import { listen } from "../net/net-hub.mjs";
import { fixtures, root } from "./served.mjs";

const transport = new MemoryTransport();
const hosts = new Map();
const requests = createServer((socket) => {
  socket.on("error", () => {});
  createInterface(socket).on("line", async (line) => {
    const { queue, pool, stop } = JSON.parse(line, (_, value) => (value === "Infinity" ? Infinity : value));
    try {
      if (stop === undefined) hosts.set(queue, startHost({ transport, root, queue, modules: fixtures, workers: "thread", pool, name: "farm" }));
      const host = await hosts.get(queue);
      if (stop !== undefined) await host.stop(stop);
      socket.write(`${JSON.stringify({ queue })}\n`);
    } catch (error) {
      socket.write(`${JSON.stringify({ queue, error: error.message })}\n`);
    }
  });
});
requests.listen(0, "127.0.0.1");
await once(requests, "listening");
process.stdout.write(`${JSON.stringify([await listen(transport), requests.address().port])}\n`);
process.stdin.resume().on("end", () => process.exit());
