// Event: a flag that tasks wait for. Setting it wakes all; clearing it takes no waking back.
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/**
 * Tells any number of tasks that something has happened. (It is no DOM or Node event.)
 * @example
 * const ready = new Event();
 * createTask(async () => { await connect(); ready.set(); });
 * await ready.wait();
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event
 */
export class Event extends Described {
  readonly #line = new WaitQueue();
  #set = false;
  readonly #turn: Turn<true> = {
    line: this.#line,
    take: (woken) => (woken || this.#set ? true : notYet),
    passOn: () => {},
  };

  isSet(): boolean {
    return this.#set;
  }

  /** Wakes all waiters, in the order in which they came. A later `wait` resolves at once. */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#line.wakeAll();
  }

  /** Makes later waits wait. Waiters that were woken go on. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Resolves with `true` when the flag is set; at once where it is.
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event.wait
   */
  wait(options?: Abortable): Future<true> {
    return takeTurn(this.#turn, options);
  }

  protected override describe(): string[] {
    return [this.#set ? "set" : "unset", ...waitersOf(this.#line)];
  }
}
