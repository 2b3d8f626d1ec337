// Receives the messages of a thread's port: by its events, and, while the thread has nothing to do, by looking at the count
// of posts, which is sooner.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { setImmediate } from "../executor/real-time.js";
import type { PostCount } from "../protocol/post-count.js";
import type { SpareCores } from "../protocol/spare-cores.js";
import { Attention } from "./attention.js";

/** What the messages are for. */
export interface PortListener<Message> {
  take(message: Message): void;
  /** A message has arrived that this side cannot read. */
  unreadable(error: unknown): void;
  /** Whether the thread waits for its next message, and for nothing else. */
  readonly idle: boolean;
}

/** Hands the messages of `port` to `listener`. @returns a function that takes the next message, if one has arrived */
export function listenAttentively<Message>(port: MessagePort, count: PostCount, spareCores: SpareCores, listener: PortListener<Message>): () => void {
  const take = (message: Message): void => {
    count.received();
    listener.take(message);
  };
  const unreadable = (error: unknown): void => {
    count.received();
    listener.unreadable(error);
  };
  const takeNext = (): void => {
    let next: ReturnType<typeof receiveMessageOnPort>;
    try {
      next = receiveMessageOnPort(port);
    } catch (error) {
      return unreadable(error);
    }
    if (next !== undefined) take(next.message as Message);
  };
  const attention = new Attention(() => spareCores.any);
  const arrived = (): boolean => count.waiting;
  let turning = false;
  const look = (): void => {
    turning = false;
    while (listener.idle) {
      const outcome = attention.look(arrived);
      if (outcome === "wait") return;
      if (outcome === "turn") {
        turning = true;
        return void setImmediate(look);
      }
      takeNext();
    }
    attention.turnAway(); // the running call is asynchronous, and its duration is unknown
  };
  port.on("messageerror", unreadable);
  port.on("message", (message: Message) => {
    attention.woken();
    take(message);
    if (!turning) look();
  });
  return takeNext;
}
