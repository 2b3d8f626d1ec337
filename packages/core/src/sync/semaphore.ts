// Semaphore: so many at a time, in the order in which they asked.
//
// Room is given at the waking, not when the woken task runs: a release is never lost in between, and a
// task that is cancelled there gives the room to the next in line.
import { InvalidOptionError, InvalidStateError } from "../errors.js";
import { sleep } from "../future/sleep.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import { Described, waitersOf } from "./describe.js";
import { Hold, runHolding } from "./hold.js";
import { Waiter, WaitQueue } from "./wait-queue.js";

/**
 * Lets `value` tasks at a time into a stretch of code that awaits. First come, first served.
 *
 * It serves as a call's `limiter` too.
 * @example
 * const connections = new Semaphore(10);
 * await connections.hold(() => fetch(url));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore extends Described {
  readonly #line = new WaitQueue();
  #value: number;

  /**
   * @param value how many at a time: a whole number of 0 or more, or Infinity
   * @throws InvalidOptionError it is none
   */
  constructor(value = 1) {
    super();
    if (!(Number.isInteger(value) || value === Infinity) || value < 0) throw new InvalidOptionError("value", value, "a whole number of 0 or more, or Infinity");
    this.#value = value;
  }

  /** How much room is left, less what was given to tasks that have not run since. */
  get value(): number {
    return this.#value;
  }

  /** Whether `acquire` would wait: for room, or for those who came before. */
  locked(): boolean {
    return this.#value === 0 || this.#line.someoneWaits;
  }

  /**
   * Resolves when there is room, which is the caller's then; at once, without a turn of the loop, where
   * there is some and nobody waits for it.
   * @returns what releases it at the end of a `using` block
   * @throws CancelledError the task was cancelled while it waited: it has no room
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.acquire
   */
  async acquire(): Promise<Hold> {
    if (isBudgetSpent()) await sleep(0);
    if (this.locked()) await this.#standInLine();
    else this.#value -= 1;
    return new Hold(this);
  }

  /**
   * Runs `body` between `acquire` and `release`: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the task was cancelled while it waited, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>): Promise<T> {
    return runHolding(this, body);
  }

  /**
   * Makes room for one more, whoever calls it, and gives it to the first in line.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.release
   */
  release(): void {
    this.#value += 1;
    this.#giveToNext();
  }

  async #standInLine(): Promise<void> {
    const waiter = this.#line.enter(new Waiter());
    try {
      await waiter;
    } catch (error) {
      if (waiter.woken) this.#value += 1;
      throw error;
    } finally {
      this.#line.leave(waiter);
      // Room that came while somebody was woken and had not run was kept, for order's sake.
      while (this.#value > 0 && this.#giveToNext());
    }
  }

  #giveToNext(): boolean {
    if (!this.#line.wakeNext()) return false;
    this.#value -= 1;
    return true;
  }

  protected override describe(): string[] {
    return [...(this.locked() ? ["locked"] : ["unlocked", `value: ${this.#value}`]), ...waitersOf(this.#line)];
  }
}

/**
 * A semaphore that refuses more releases than acquires.
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /** @throws InvalidStateError it was released more often than acquired */
  override release(): void {
    if (this.value >= this.#bound && this.#bound !== Infinity) {
      throw new InvalidStateError(`The semaphore of ${this.#bound} was released more often than acquired`);
    }
    super.release();
  }
}
