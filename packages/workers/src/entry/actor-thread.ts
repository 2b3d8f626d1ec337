// The entry of an actor's thread. Messages travel over a port that the main side passed to the thread.
//
//   actor/actor-thread.ts ── port ──▶ actor-worker.ts
import { type MessagePort, type Transferable, workerData } from "node:worker_threads";
import { countLoadsIn } from "../executor/loads.js";
import { PostCount } from "../protocol/post-count.js";
import { SpareCores } from "../protocol/spare-cores.js";
import type { WireMessage } from "../remote/wire.js";
import { withLoader } from "./activate-loader.js";
import { serveActor } from "./actor-worker.js";
import { listenAttentively } from "./attentive-port.js";

/** What the main side passes to the thread. */
export interface ActorThreadSetup {
  readonly port: MessagePort;
  readonly posts: SharedArrayBuffer;
  readonly busy: SharedArrayBuffer;
  /** Receives the number of loads under way. */
  readonly loads: Int32Array;
}

void withLoader(() => {
  const { port, posts, busy, loads } = workerData as ActorThreadSetup;
  countLoadsIn(loads);
  const count = new PostCount("worker", posts);
  const { wire } = serveActor(
    {
      post(message, transfer) {
        port.postMessage(message, transfer as Transferable[] | undefined);
        count.posted();
      },
    },
    true,
  );
  listenAttentively<WireMessage>(port, count, new SpareCores(busy), {
    take: (message) => wire.receive(message),
    unreadable(error) {
      throw error; // the call is unknown, and the exit of the thread rejects all calls
    },
    get idle() {
      return !wire.answering && !wire.asking;
    },
  });
});
