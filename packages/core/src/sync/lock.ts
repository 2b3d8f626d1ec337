// Lock: one task at a time, in the order in which they asked.
//
//   unlocked ──acquire()──▶ locked ──release()──▶ unlocked, and the first in line is woken
//
// Between the waking and the step of a waiter the lock is free but reserved: a later caller stands in line.
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { Hold, runHolding } from "./hold.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/** For Condition: how waiters take a lock. */
export let turnOf: (lock: Lock) => Turn<Hold>;

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
  readonly #turn: Turn<Hold> = {
    line: this.#line,
    take: (woken) => {
      if (!woken && (this.#locked || this.#line.someoneWaits)) return notYet;
      this.#locked = true;
      return new Hold(this);
    },
    // The waiter may have been woken in the moment in which it was cancelled.
    passOn: () => {
      if (!this.#locked) this.#line.wakeFirst();
    },
    giveBack: (hold) => hold.release(),
  };

  static {
    turnOf = (lock) => lock.#turn;
  }

  locked(): boolean {
    return this.#locked;
  }

  /**
   * Resolves when the lock is the caller's; at once, without a turn of the loop, where it is free.
   * @returns what releases it at the end of a `using` block
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: the lock is not taken
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock.acquire
   */
  acquire(options?: Abortable): Future<Hold> {
    return takeTurn(this.#turn, options);
  }

  /**
   * Runs `body` with the lock held: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the wait for the lock was cancelled, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>, options?: Abortable): Promise<T> {
    return runHolding(this, body, options);
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

  protected override describe(): string[] {
    return [this.#locked ? "locked" : "unlocked", ...waitersOf(this.#line)];
  }
}
