// Condition: tasks wait for a change of the state that a lock guards. The task that changes the state notifies them.
//
//   wait():  the lock is released ─▶ notified ─▶ the lock is acquired again, also on cancellation
//
// If a notified waiter is cancelled before it returns from wait(), it notifies another waiter in its place.
import { checkOption, instanceOf, invalidArgument, number } from "@offloop/workers/executor";
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { orReject } from "../future/or-reject.js";
import { type ConditionParts, NotificationWaiter, PredicateWaiter } from "./condition-waiter.js";
import { Described, waitersOf } from "./describe.js";
import { type Hold, runHolding } from "./hold.js";
import { Lock, turnOf } from "./lock.js";
import { takeTurn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/** For Barrier: its waiters are waiters of a condition. */
export let partsOf: (condition: Condition) => ConditionParts;

/**
 * A lock, and a line of tasks that wait for a change of the state that the lock guards.
 * @example
 * async function take() {
 *   using held = await condition.acquire();
 *   await condition.waitFor(() => items.length > 0);
 *   return items.shift();
 * }
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition
 */
export class Condition extends Described {
  readonly #parts: ConditionParts;

  static {
    partsOf = (condition) => condition.#parts;
  }

  /**
   * @param lock a lock to share with other conditions; `undefined`: a lock of its own
   * @throws InvalidOptionError `lock` is no `Lock`
   */
  constructor(lock: Lock = new Lock()) {
    super();
    checkOption("new Condition()", "lock", lock, instanceOf(Lock, "a Lock"));
    this.#parts = { lock, line: new WaitQueue() };
  }

  /** Whether a task has the lock of the condition. */
  locked(): boolean {
    return this.#parts.lock.locked();
  }

  /** Acquires the lock. @see Lock.acquire */
  acquire(options?: Abortable): Future<Hold> {
    return takeTurn(turnOf(this.#parts.lock), options, "Condition.acquire()");
  }

  /** Runs `body` with the lock held. @see Lock.hold */
  hold<T>(body: () => T | PromiseLike<T>, options?: Abortable): Promise<T> {
    return runHolding(this, body, options, "Condition.hold()");
  }

  /** Releases the lock. @see Lock.release */
  release(): void {
    this.#parts.lock.release();
  }

  /**
   * Releases the lock, waits for a notification, and acquires the lock again. The state may have changed again by
   * then: check it in a loop, or use `waitFor`.
   *
   * A wait that is cancelled, by its task, its `signal` or its `cancel()`, rejects with
   * `CancelledError` when it has the lock again. So does a wait whose signal has fired already.
   * @throws InvalidStateError the lock is not held; CancelledError the wait was cancelled
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait
   */
  wait(options?: Abortable): Future<true> {
    return new NotificationWaiter(this.#parts).start(false, options, "Condition.wait()");
  }

  /**
   * Waits until `predicate()` returns a truthy value. It is called at once, and after each notification.
   * @param predicate a synchronous function
   * @returns the value that `predicate` returned
   * @throws InvalidStateError, CancelledError as `wait`; what `predicate` throws
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.wait_for
   */
  waitFor<T>(predicate: () => T, options?: Abortable): Future<T> {
    return orReject(() => {
      if (typeof predicate !== "function") throw invalidArgument("Condition.waitFor()", "a function that says whether to go on", predicate, "condition.waitFor(() => items.length > 0)");
      return new PredicateWaiter(this.#parts, predicate).start(false, options, "Condition.waitFor()");
    });
  }

  /**
   * Wakes up to `count` waiters. They continue when they have the lock.
   * @param count a number of 0 or more
   * @throws InvalidStateError the lock is not held
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition.notify
   */
  notify(count = 1): void {
    checkOption("notify()", "count", count, number);
    if (!this.locked()) throw new InvalidStateError("A condition was notified without its lock. Call acquire() first, or notify inside hold().");
    for (let told = 0; told < count && this.#parts.line.wakeNext(); told += 1);
  }

  /** Wakes all waiters. @throws InvalidStateError the lock is not held */
  notifyAll(): void {
    this.notify(this.#parts.line.size);
  }

  protected override describe(): string[] {
    return [this.locked() ? "locked" : "unlocked", ...waitersOf(this.#parts.line)];
  }
}
