// The entry of an actor's thread. Messages travel over a port that the main side passed to the thread.
//
//   actor/actor-thread.ts ── port ──▶ actor-worker.ts
import { type MessagePort, type Transferable, workerData } from "node:worker_threads";
import type { WireMessage } from "../remote/wire.js";
import { withLoader } from "./activate-loader.js";
import { serveActor } from "./actor-worker.js";

void withLoader(() => {
  const port = workerData as MessagePort;
  const { wire } = serveActor({ post: (message, transfer = []) => port.postMessage(message, transfer as Transferable[]) }, true);
  port.on("messageerror", (error: unknown) => {
    throw error; // the call is unknown, and the exit of the thread rejects all calls
  });
  port.on("message", (message: WireMessage) => wire.receive(message));
});
