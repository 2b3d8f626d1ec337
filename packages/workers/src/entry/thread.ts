// The entry of a thread. piscina runs its default export once, through `thread.cjs`. It opens the lane and returns. Calls
// then arrive on the lane's own port, without piscina's task machinery, and the thread's event loop stays free.
//
//   thread/thread-worker.ts ── port ──▶ CallRunner
import { readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { basename } from "node:path";
import type { MessagePort, Transferable } from "node:worker_threads";
import { countLoadsIn } from "../executor/loads.js";
import type { ToWorker } from "../protocol/messages.js";
import { packMessage } from "../protocol/pack-message.js";
import { PostCount } from "../protocol/post-count.js";
import { Slots } from "../protocol/slots.js";
import { SpareCores } from "../protocol/spare-cores.js";
import { withLoader } from "./activate-loader.js";
import { listenAttentively } from "./attentive-port.js";
import { CallRunner, type WorkerLine } from "./run-calls.js";

/** The argument that the main side passes to the thread. */
export interface ThreadSetup {
  readonly port: MessagePort;
  readonly words: SharedArrayBuffer;
  readonly posts: SharedArrayBuffer;
  readonly busy: SharedArrayBuffer;
  /** Receives the system's id of the thread, where Linux tells it; 0: not known. */
  readonly systemId: Int32Array;
  /** Receives the number of loads under way. */
  readonly loads: Int32Array;
  /** Added to the thread's nice value. */
  readonly nice: number;
}

/** The function that piscina runs in the thread. It starts to serve the lane's port, and returns. */
export default function openLane(setup: ThreadSetup): void | Promise<void> {
  return withLoader(() => serveLane(setup));
}

function serveLane({ port, words, posts, busy, systemId, loads, nice }: ThreadSetup): void {
  countLoadsIn(loads);
  systemId[0] = idOfThread();
  if (nice > 0) yieldTo(nice);
  const slots = new Slots(words);
  const count = new PostCount("worker", posts);
  const line: WorkerLine = {
    send(message, transfer) {
      packMessage(message);
      port.postMessage(message, transfer as Transferable[] | undefined);
      count.posted();
    },
    closed: () => port.close(),
    wait() {
      count.wait();
      takeNext();
    },
  };
  const runner = new CallRunner(line, { slots });
  const takeNext = listenAttentively<ToWorker>(port, count, new SpareCores(busy), {
    take: (message) => runner.receive(message),
    unreadable: (error) => runner.unreadable(error),
    get idle() {
      return runner.idle;
    },
  });
}

/** Only Linux gives each thread its own priority. Elsewhere this would change the whole process. */
function yieldTo(nice: number): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(0, Math.min(constants.priority.PRIORITY_LOW, getPriority(0) + nice));
  } catch {
    // The system allows no change of priorities. Calls run all the same.
  }
}

function idOfThread(): number {
  try {
    return process.platform === "linux" ? Number(basename(readlinkSync("/proc/thread-self"))) : 0;
  } catch {
    return 0;
  }
}
