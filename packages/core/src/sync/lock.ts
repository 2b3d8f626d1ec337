// Lock: lets one task in at a time, in the order of their requests.
//
//   unlocked ──acquire()──▶ locked ──release()──▶ unlocked, and the first in line is woken
//
// Between the waking and the step of a waiter, the lock is free but reserved. A later caller waits in line.
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { Hold, runHolding } from "./hold.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/** How waiters take a lock; Condition uses it too. */
export let turnOf: (lock: Lock) => Turn<Hold>;

/**
 * Lets one task at a time into a stretch of code that awaits.
 *
 * First come, first served. A task that is cancelled while it waits leaves the line. If the lock had been given
 * to it in that turn, the next waiter gets the lock. The lock belongs to no task: any task may release it.
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
  readonly #turn: Turn<Hold> = {
    line: this.#line,
    take: (woken) => {
      if (!woken && (this.#locked || this.#line.someoneWaits)) return notYet;
      this.#locked = true;
      return new Hold(this);
    },
    // The waiter may have been woken in the turn in which it was cancelled.
    passOn: () => {
      if (!this.#locked) this.#line.wakeFirst();
    },
    giveBack: (hold) => hold.release(),
  };

  static {
    turnOf = (lock) => lock.#turn;
  }

  /** Whether a task has the lock. */
  locked(): boolean {
    return this.#locked;
  }

  /**
   * Resolves when the caller has the lock. If the lock is free, it resolves at once, without a turn of the loop.
   * @returns a hold that releases the lock at the end of a `using` block
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: the lock is not taken
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.acquire
   */
  acquire(options?: Abortable): Future<Hold> {
    return takeTurn(this.#turn, options, "Lock.acquire()");
  }

  /**
   * Runs `body` with the lock held: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the wait for the lock was cancelled, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>, options?: Abortable): Promise<T> {
    return runHolding(this, body, options, "Lock.hold()");
  }

  /**
   * Frees the lock, and wakes the first in line.
   * @throws InvalidStateError the lock is not held
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.release
   */
  release(): void {
    if (!this.#locked) throw new InvalidStateError("The lock was released, but it is not held. Call release() once for each acquire(), or use hold().");
    this.#locked = false;
    this.#line.wakeFirst();
  }

  protected override describe(): string[] {
    return [this.#locked ? "locked" : "unlocked", ...waitersOf(this.#line)];
  }
}
