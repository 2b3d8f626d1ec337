// Condition: tasks that hold a lock wait for a change of what it guards, and are told of it.
//
//   wait():  the lock is released ─▶ notified ─▶ the lock is acquired again, also on cancellation
//
// A task that is notified and does not return from wait() for it notifies another in its place.
import { CancelledError, InvalidOptionError, InvalidStateError } from "../errors.js";
import { Described, waitersOf } from "./describe.js";
import { type Hold, runHolding } from "./hold.js";
import { Lock } from "./lock.js";
import { Waiter, WaitQueue } from "./wait-queue.js";

/**
 * A lock, and a line of tasks that wait for what it guards to change.
 * @example
 * async function take() {
 *   using held = await condition.acquire();
 *   await condition.waitFor(() => items.length > 0);
 *   return items.shift();
 * }
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition
 */
export class Condition extends Described {
  readonly #lock: Lock;
  readonly #line = new WaitQueue();

  /**
   * @param lock to share with other conditions; `undefined`: one of its own
   * @throws InvalidOptionError it is no `Lock`
   */
  constructor(lock: Lock = new Lock()) {
    super();
    if (!(lock instanceof Lock)) throw new InvalidOptionError("lock", lock, "a Lock");
    this.#lock = lock;
  }

  locked(): boolean {
    return this.#lock.locked();
  }

  /** Acquires the lock. @see Lock.acquire */
  acquire(): Promise<Hold> {
    return this.#lock.acquire();
  }

  /** Runs `body` with the lock held. @see Lock.hold */
  hold<T>(body: () => T | PromiseLike<T>): Promise<T> {
    return runHolding(this, body);
  }

  /** Releases the lock. @see Lock.release */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits until it is notified, and acquires the lock again. It may resolve without
   * a reason: check what you wait for, or use `waitFor`.
   *
   * A cancelled task has the lock again before it is thrown `CancelledError`.
   * @throws InvalidStateError the lock is not held; CancelledError the task was cancelled meanwhile
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait
   */
  async wait(): Promise<true> {
    if (!this.locked()) throw new InvalidStateError("A condition's wait() was called without its lock: acquire() it first");
    const waiter = new Waiter();
    this.release();
    try {
      try {
        this.#line.enter(waiter);
        await waiter;
      } finally {
        this.#line.leave(waiter);
        await this.#reacquire();
      }
      return true;
    } catch (error) {
      this.#notify(1);
      throw error;
    }
  }

  /**
   * Waits until `predicate()` is truthy, which is asked at once and after each notification.
   * @param predicate synchronous
   * @returns what it returned
   * @throws InvalidStateError, CancelledError as `wait`; what `predicate` throws
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait_for
   */
  async waitFor<T>(predicate: () => T): Promise<T> {
    if (typeof predicate !== "function") throw new TypeError(`waitFor takes a function that says whether to go on; got ${typeof predicate}`);
    let result = predicate();
    while (!result) {
      await this.wait();
      result = predicate();
    }
    return result;
  }

  /**
   * Wakes up to `count` of those who wait. They go on when the lock is released.
   * @param count a number of 0 or more
   * @throws InvalidStateError the lock is not held
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.notify
   */
  notify(count = 1): void {
    if (typeof count !== "number" || Number.isNaN(count)) throw new InvalidOptionError("count", count, "a number of 0 or more");
    if (!this.locked()) throw new InvalidStateError("A condition was notified without its lock: acquire() it first");
    this.#notify(count);
  }

  /** Wakes all who wait. @throws InvalidStateError the lock is not held */
  notifyAll(): void {
    this.notify(this.#line.size);
  }

  #notify(count: number): void {
    for (let told = 0; told < count && this.#line.wakeNext(); told += 1);
  }

  async #reacquire(): Promise<void> {
    const cancelled: CancelledError | undefined = await this.#lock.acquireDespiteCancellation();
    if (cancelled !== undefined) throw cancelled;
  }

  protected override describe(): string[] {
    return [this.locked() ? "locked" : "unlocked", ...waitersOf(this.#line)];
  }
}
