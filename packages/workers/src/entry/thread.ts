// The entry of a thread: piscina runs its default export once, which opens the lane and returns; from
// then on calls come through the lane's own port, beside piscina's machinery, and the thread's event
// loop stays free.
//
//   thread/thread-worker.ts ── port ──▶ CallRunner
import { setPriority } from "node:os";
import type { MessagePort, Transferable } from "node:worker_threads";
import type { ToWorker } from "../protocol/messages.js";
import { Slots } from "../protocol/slots.js";
import { CallRunner } from "./run-calls.js";

/** What the main side hands over once. */
export interface ThreadSetup {
  readonly port: MessagePort;
  readonly words: SharedArrayBuffer;
  /** Added to the thread's nice value. */
  readonly nice: number;
}

export default function openLane({ port, words, nice }: ThreadSetup): void {
  // Linux alone gives each thread a priority of its own; elsewhere it would be the whole process's.
  if (nice > 0 && process.platform === "linux") setPriority(0, nice);
  const slots = new Slots(words);
  const runner = new CallRunner(slots, slots, {
    send: (message, transfer) => port.postMessage(message, transfer as Transferable[] | undefined),
    closed: () => port.close(),
  });
  port.on("message", (message: ToWorker) => runner.receive(message));
}
