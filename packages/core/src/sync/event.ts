// Event: a flag that tasks wait for. Setting it wakes all waiters. Clearing it does not undo a wake-up.
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/**
 * Notifies any number of tasks that something has happened. (It is no DOM event, and no event of Node.)
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

  /** Whether `set` was called, and no `clear` since. */
  isSet(): boolean {
    return this.#set;
  }

  /** Sets the flag and wakes all waiters, in the order of their arrival. A later `wait` resolves at once. */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#line.wakeAll();
  }

  /** Clears the flag, so that a later `wait` waits. Waiters that were woken continue. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Resolves with `true` when the flag is set; at once if it is set already.
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event.wait
   */
  wait(options?: Abortable): Future<true> {
    return takeTurn(this.#turn, options, "Event.wait()");
  }

  protected override describe(): string[] {
    return [this.#set ? "set" : "unset", ...waitersOf(this.#line)];
  }
}
