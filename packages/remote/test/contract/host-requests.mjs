// A process with any number of hosts, for the contract suite. An executor under test asks for a host of its own over a
// connection, line by line as JSON. executor-with-host.mjs is the other side.
//
//   { queue, pool }  ─▶ starts a host     { queue, stop: options } ─▶ stops it     ◀─ { queue } when it has started or ended, or { queue, error }
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { startHost } from "@offloop/remote";
import { fixtures, root } from "./served.mjs";

/** Serves requests until the end of the standard input. @returns the port */
export async function serveRequests(transport) {
  const hosts = new Map();
  const requests = createServer((socket) => {
    const lines = createInterface(socket);
    lines.on("error", () => {}); // the executors have gone
    lines.on("line", async (line) => {
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
  process.stdin.resume().on("end", () => process.exit());
  return requests.address().port;
}
