// Event: a flag that tasks wait for. Setting it wakes all; clearing it takes no waking back.
import { sleep } from "../future/sleep.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import { Described, waitersOf } from "./describe.js";
import { Waiter, WaitQueue } from "./wait-queue.js";

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

  isSet(): boolean {
    return this.#set;
  }

  /** Wakes all who wait, in the order in which they came; who comes later does not wait at all. */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#line.wakeAll();
  }

  /** Has those wait who come from now on. Those that were woken go on. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Resolves with `true` when the flag is set; at once where it is.
   * @throws CancelledError the task was cancelled meanwhile
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event.wait
   */
  async wait(): Promise<true> {
    if (isBudgetSpent()) await sleep(0);
    if (this.#set) return true;
    const waiter = this.#line.enter(new Waiter());
    try {
      await waiter;
      return true;
    } finally {
      this.#line.leave(waiter);
    }
  }

  protected override describe(): string[] {
    return [this.#set ? "set" : "unset", ...waitersOf(this.#line)];
  }
}
