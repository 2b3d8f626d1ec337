// Semaphore: lets a limited number of tasks in at a time, in the order of their requests.
//
// The semaphore gives a permit when it wakes the waiter, not in the step of the woken waiter. So no release is
// lost in between, and a waiter that is cancelled there gives the permit to the next in line.
import { checkOption, integerOrInfinity } from "@offloop/workers/executor";
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { Hold, runHolding } from "./hold.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/**
 * Lets `value` tasks at a time into a stretch of code that awaits. First come, first served.
 *
 * It can also be the `limiter` of calls.
 * @example
 * const connections = new Semaphore(10);
 * await connections.hold(() => fetch(url));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore extends Described {
  readonly #line = new WaitQueue();
  #value: number;
  readonly #turn: Turn<Hold> = {
    line: this.#line,
    take: (woken) => {
      if (!woken) {
        if (this.locked()) return notYet;
        this.#value -= 1;
      }
      this.#giveToAll();
      return new Hold(this);
    },
    passOn: (woken) => {
      if (woken) this.#value += 1;
      this.#giveToAll();
    },
    giveBack: (hold) => hold.release(),
  };

  /**
   * @param value the number of tasks at a time: a whole number of 0 or more, or Infinity
   * @throws InvalidOptionError `value` has another value
   */
  constructor(value = 1) {
    super();
    checkOption("new Semaphore()", "value", value, integerOrInfinity(0));
    this.#value = value;
  }

  /** The number of free permits. Permits of woken waiters that have not run since are not free. */
  get value(): number {
    return this.#value;
  }

  /** Whether `acquire` would wait: for a permit, or for earlier waiters. */
  locked(): boolean {
    return this.#value === 0 || this.#line.someoneWaits;
  }

  /**
   * Resolves when the caller has a permit. If a permit is free and no other caller waits, it resolves at once,
   * without a turn of the loop.
   * @returns a hold that releases the permit at the end of a `using` block
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: no permit is taken
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.acquire
   */
  acquire(options?: Abortable): Future<Hold> {
    return takeTurn(this.#turn, options, "Semaphore.acquire()");
  }

  /**
   * Runs `body` between `acquire` and `release`: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the wait for a permit was cancelled, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>, options?: Abortable): Promise<T> {
    return runHolding(this, body, options, "Semaphore.hold()");
  }

  /**
   * Returns a permit and gives it to the first in line. Any caller may do so.
   * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore.release
   */
  release(): void {
    this.#value += 1;
    this.#giveToNext();
  }

  /** Gives out permits that were kept back so that a later waiter could not overtake a woken waiter that had not run. */
  #giveToAll(): void {
    while (this.#value > 0 && this.#giveToNext());
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

  /** @throws InvalidStateError the semaphore was released more often than acquired */
  override release(): void {
    if (this.value >= this.#bound && this.#bound !== Infinity) {
      throw new InvalidStateError(`The semaphore of ${this.#bound} was released more often than acquired. Call release() once for each acquire(), or use hold().`);
    }
    super.release();
  }
}
