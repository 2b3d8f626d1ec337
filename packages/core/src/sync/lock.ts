// Lock: one task at a time, in the order in which they asked.
//
//   unlocked ──acquire()──▶ locked ──release()──▶ unlocked, and the first in line is woken
//
// Between its waking and its run the lock is free but spoken for: whoever asks then stands in line.
import { CancelledError, InvalidStateError } from "../errors.js";
import { sleep } from "../future/sleep.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import { Described, waitersOf } from "./describe.js";
import { Hold, runHolding } from "./hold.js";
import { SteadfastWaiter, Waiter, WaitQueue } from "./wait-queue.js";

/**
 * Lets one task at a time into a stretch of code that awaits.
 *
 * First come, first served. A task that is cancelled while it waits leaves the line, and passes the
 * lock on if it had been given it in that moment. The lock belongs to no task: any may release it.
 * @example
 * const lock = new Lock();
 * async function addOne() {
 *   using held = await lock.acquire();
 *   await write((await read()) + 1);
 * }
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
 */
export class Lock extends Described {
  readonly #line = new WaitQueue();
  #locked = false;

  locked(): boolean {
    return this.#locked;
  }

  /**
   * Resolves when the lock is the caller's; at once, without a turn of the loop, where it is free.
   * @returns what releases it at the end of a `using` block
   * @throws CancelledError the task was cancelled while it waited: it does not have the lock
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.acquire
   */
  async acquire(): Promise<Hold> {
    if (isBudgetSpent()) await sleep(0);
    if (!this.#takeAtOnce()) await this.#standInLine(new Waiter());
    return new Hold(this);
  }

  /**
   * Runs `body` with the lock held: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the task was cancelled while it waited, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>): Promise<T> {
    return runHolding(this, body);
  }

  /**
   * Frees the lock, and wakes the first in line.
   * @throws InvalidStateError nobody holds it
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.release
   */
  release(): void {
    if (!this.#locked) throw new InvalidStateError("The lock was released, but nobody holds it: it was released before, or never acquired");
    this.#locked = false;
    this.#line.wakeFirst();
  }

  /**
   * For Condition: acquires it whatever happens. A cancellation sends the task to the end of the line,
   * as in asyncio; from the third on it keeps its place, else a cancel scope, which cancels every wait
   * anew, would have it spin for as long as another task holds the lock.
   * @internal
   * @returns the last cancellation that came meanwhile, for the caller to throw
   */
  async acquireDespiteCancellation(): Promise<CancelledError | undefined> {
    let cancelled: CancelledError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#takeAtOnce()) return cancelled;
      try {
        return (await this.#standInLine(attempt > 2 ? new SteadfastWaiter() : new Waiter())) ?? cancelled;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        cancelled = error;
      }
    }
  }

  #takeAtOnce(): boolean {
    if (this.#locked || this.#line.someoneWaits) return false;
    return (this.#locked = true);
  }

  /**
   * Waits, and takes the lock in the same step in which it leaves the line.
   * @returns the cancellation that a steadfast waiter was told of when it was woken
   */
  async #standInLine(waiter: Waiter): Promise<CancelledError | undefined> {
    this.#line.enter(waiter);
    let cancelled: CancelledError | undefined;
    try {
      await waiter;
    } catch (error) {
      if (!(waiter instanceof SteadfastWaiter && waiter.woken && error instanceof CancelledError)) {
        this.#line.leave(waiter);
        if (!this.#locked) this.#line.wakeFirst(); // it may have been woken in the moment it was cancelled
        throw error;
      }
      cancelled = error;
    }
    this.#line.leave(waiter);
    this.#locked = true;
    return cancelled;
  }

  protected override describe(): string[] {
    return [this.#locked ? "locked" : "unlocked", ...waitersOf(this.#line)];
  }
}
