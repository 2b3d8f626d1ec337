// The entry of an actor's thread. Messages travel over a port that the main side passed to the thread.
//
//   actor/actor-thread.ts ── port ──▶ actor-worker.ts
import { type MessagePort, type Transferable, workerData } from "node:worker_threads";
import { countLoadsIn } from "../executor/loads.js";
import type { WireMessage } from "../remote/wire.js";
import { withLoader } from "./activate-loader.js";
import { serveActor } from "./actor-worker.js";

/** What the main side passes to the thread. */
export interface ActorThreadSetup {
  readonly port: MessagePort;
  /** Receives the number of loads under way. */
  readonly loads: Int32Array;
}

void withLoader(() => {
  const { port, loads } = workerData as ActorThreadSetup;
  countLoadsIn(loads);
  const { wire } = serveActor({ post: (message, transfer = []) => port.postMessage(message, transfer as Transferable[]) }, true);
  port.on("messageerror", (error: unknown) => {
    throw error; // the call is unknown, and the exit of the thread rejects all calls
  });
  port.on("message", (message: WireMessage) => wire.receive(message));
});
