// The server of one workload, in a process of its own:
//
//   GET /light       answers at once.
//   GET /heavy/:n    computes. An import sends its progress first: a share from 0 to 1 in each line.
//   GET /running     tells how many calls run on threads.
//   a WebSocket      gets the server's time every 20 ms, as all its other clients do.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { offloadFor } from "@offloop/http";
import { InlineExecutor, ThreadPoolExecutor } from "offloop";
import { WebSocketServer } from "ws";
import type { Listening, Plan } from "./messages.js";
import { type Offload, workloads } from "./workloads.js";

const BROADCAST_MS = 20;

process.once("disconnect", () => process.exit(1));
process.once("message", (plan: Plan) => void serve(plan));

async function serve({ workload, inPlace, files }: Plan): Promise<void> {
  const executor = inPlace ? new InlineExecutor() : new ThreadPoolExecutor({ maxWorkers: 2 });
  const answer = await workloads[workload]!.prepare(inPlace, files);

  const compute = async (n: number, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const onProgress = (share: number) => void response.write(`${share}\n`);
    const offload: Offload = (fn, ...args) => offloadFor(request, { executor: executor.with({ onProgress }) })(fn, ...args) as Promise<string>;
    try {
      response.end(await answer(n, offload));
    } catch (error) {
      // Nobody reads the answer of a request that was broken off. An answer that has begun can only be broken off itself.
      if (response.headersSent) return void response.destroy();
      response.statusCode = 500;
      response.end(String(error));
    }
  };

  const server = createServer((request, response) => {
    const [, path, n] = request.url!.split("/");
    if (path === "heavy") void compute(Number(n), request, response);
    else response.end(path === "running" ? String(executor.stats().running) : "ok");
  });
  const sockets = new WebSocketServer({ server });
  setInterval(() => {
    const now = String(performance.timeOrigin + performance.now());
    for (const socket of sockets.clients) socket.send(now);
  }, BROADCAST_MS);
  server.listen(0, "127.0.0.1", () => process.send!({ port: (server.address() as AddressInfo).port } satisfies Listening));
}
