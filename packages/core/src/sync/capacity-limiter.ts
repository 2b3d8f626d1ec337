// CapacityLimiter: lends tokens. Their total may change at any time.
//
// The limiter lends a token when it wakes the waiter, as a semaphore does with a permit. If the total was
// lowered below the number of lent tokens, the limiter keeps returned tokens until the count is right again.
import { checkOption, integerOrInfinity, invalidArgument, textOf } from "@offloop/workers/executor";
import { InvalidStateError } from "../errors.js";
import type { Future } from "../future/future.js";
import { Described, waitersOf } from "./describe.js";
import { WouldBlockError } from "./errors.js";
import { Hold, runHolding } from "./hold.js";
import { notYet, takeTurn, type Turn } from "./turn.js";
import { WaitQueue } from "./wait-queue.js";
import type { Abortable } from "./waiter.js";

/** The result of `CapacityLimiter.statistics()`. */
export interface CapacityStatistics {
  /** The number of tokens, lent or free. It may be `Infinity`. */
  readonly totalTokens: number;
  /** The number of lent tokens. */
  readonly borrowedTokens: number;
  /** The borrowers of `acquireOnBehalfOf`, in the order of borrowing. Plain `acquire()`s are nameless. */
  readonly borrowers: readonly unknown[];
  /** The number of `acquire`s that wait for a token. */
  readonly tasksWaiting: number;
}

/**
 * Limits the number of operations that run at once. The total may change at any time. First come, first served.
 *
 * It can be the `limiter` of calls: `toThread.with({ limiter })`. A call holds its token until its worker has
 * finished it, even if the call's future was cancelled earlier.
 *
 * Unlike trio's, `acquire()` is not tied to a task: one task may borrow several tokens, one for each call.
 * @example
 * const limiter = new CapacityLimiter(4);
 * await limiter.hold(() => resize(image));
 * limiter.totalTokens = 8; // wakes up to four more
 * @see https://trio.readthedocs.io/en/stable/reference-core.html#trio.CapacityLimiter
 * @see https://anyio.readthedocs.io/en/stable/synchronization.html#capacity-limiters
 */
export class CapacityLimiter extends Described {
  readonly #line = new WaitQueue();
  readonly #borrowers = new Set<unknown>();
  readonly #waitingBorrowers = new Set<unknown>();
  #nameless = 0;
  /** The number of tokens lent to waiters that were woken and have not run since. */
  #promised = 0;
  #total: number;
  readonly #turn: Turn<Hold> = {
    line: this.#line,
    take: (woken) => {
      if (woken) this.#promised -= 1;
      else if (!this.#free) return notYet;
      this.#nameless += 1;
      return new Hold(this);
    },
    // The waiter may have been woken in the turn in which it was cancelled. The next waiter then gets the token.
    passOn: (woken) => {
      if (woken) this.#promised -= 1;
      this.#lend();
    },
    giveBack: (hold) => hold.release(),
  };

  /**
   * @param totalTokens a whole number of 0 or more, or Infinity
   * @throws InvalidOptionError `totalTokens` has another value
   */
  constructor(totalTokens: number) {
    super();
    this.#total = checkTokens(totalTokens);
  }

  /**
   * The total number of tokens. Raising it wakes waiters. Lowering it does not take lent tokens away. With 0, every
   * `acquire` waits until the total is raised.
   */
  get totalTokens(): number {
    return this.#total;
  }

  set totalTokens(value: number) {
    this.#total = checkTokens(value);
    this.#lend();
  }

  /** The number of lent tokens, those among them that are promised to a waiter that has not run yet. */
  get borrowedTokens(): number {
    return this.#borrowers.size + this.#nameless + this.#promised;
  }

  /** The number of free tokens; below 0 if the total was lowered below the number of lent tokens. */
  get availableTokens(): number {
    return this.#total - this.borrowedTokens;
  }

  /** The tokens, their borrowers and the waiters at this moment, as a copy. */
  statistics(): CapacityStatistics {
    return { totalTokens: this.#total, borrowedTokens: this.borrowedTokens, borrowers: [...this.#borrowers], tasksWaiting: this.#line.asleep };
  }

  /**
   * Resolves when the caller has a token.
   * @returns a hold that returns the token at the end of a `using` block
   * @throws CancelledError the wait was cancelled, by its task, its `signal` or its `cancel()`: no token is lent
   */
  acquire(options?: Abortable): Future<Hold> {
    return takeTurn(this.#turn, options, "CapacityLimiter.acquire()");
  }

  /**
   * As `acquire`, for `borrower`. A borrower may have one token at a time, because borrowers that hold a token and wait
   * for a second one can deadlock.
   * @param borrower any value but `undefined`: a task, a request, a name
   * @throws InvalidStateError the borrower has a token, or waits for one; CancelledError as `acquire`
   */
  acquireOnBehalfOf(borrower: unknown, options?: Abortable): Future<Hold> {
    return takeTurn(this.#turnOf(borrower), options, "CapacityLimiter.acquireOnBehalfOf()");
  }

  /** As `acquire`, without waiting. @throws WouldBlockError no token is free */
  acquireNowait(): Hold {
    this.#checkFree();
    this.#nameless += 1;
    return new Hold(this);
  }

  /** As `acquireOnBehalfOf`, without waiting. @throws WouldBlockError no token is free; InvalidStateError the borrower has one */
  acquireOnBehalfOfNowait(borrower: unknown): Hold {
    this.#checkBorrower(borrower);
    this.#checkFree();
    this.#borrowers.add(borrower);
    return new Hold({ release: () => this.releaseOnBehalfOf(borrower) });
  }

  /**
   * Runs `body` with a token: the form without `using`.
   * @returns what `body` returns
   * @throws CancelledError the wait for a token was cancelled, and `body` was not called; else what `body` throws
   */
  hold<T>(body: () => T | PromiseLike<T>, options?: Abortable): Promise<T> {
    return runHolding(this, body, options, "CapacityLimiter.hold()");
  }

  /** Returns a token of a plain `acquire`. Any caller may do so. @throws InvalidStateError no such token is lent */
  release(): void {
    if (this.#nameless === 0) throw new InvalidStateError("release() was called, but no token of acquire() is held. Call it once for each acquire(), and releaseOnBehalfOf(borrower) for tokens that were acquired for a borrower.");
    this.#nameless -= 1;
    this.#lend();
  }

  /** @throws InvalidStateError `borrower` has no token */
  releaseOnBehalfOf(borrower: unknown): void {
    if (!this.#borrowers.delete(borrower)) throw new InvalidStateError(`${textOf(borrower)} released a token of the limiter, but holds none. Call releaseOnBehalfOf() once for each acquireOnBehalfOf(), with the same borrower.`);
    this.#lend();
  }

  get #free(): boolean {
    return this.availableTokens > 0 && !this.#line.someoneWaits;
  }

  #turnOf(borrower: unknown): Turn<Hold> {
    let waits = false;
    return {
      line: this.#line,
      take: (woken) => {
        if (!waits) this.#checkBorrower(borrower);
        if (woken) this.#promised -= 1;
        else if (!this.#free) {
          this.#waitingBorrowers.add(borrower);
          waits = true;
          return notYet;
        }
        this.#waitingBorrowers.delete(borrower);
        this.#borrowers.add(borrower);
        return new Hold({ release: () => this.releaseOnBehalfOf(borrower) });
      },
      passOn: (woken) => {
        if (waits) this.#waitingBorrowers.delete(borrower);
        this.#turn.passOn(woken);
      },
      giveBack: (hold) => hold.release(),
    };
  }

  #lend(): void {
    while (this.availableTokens > 0 && this.#line.wakeNext()) this.#promised += 1;
  }

  #checkFree(): void {
    if (!this.#free) throw new WouldBlockError(`None of the ${this.#total} tokens is free for this caller. Await acquire() to wait for a token.`);
  }

  #checkBorrower(borrower: unknown): void {
    if (borrower === undefined) throw invalidArgument("acquireOnBehalfOf()", "a borrower: any value but undefined", borrower, "acquire() for a nameless token");
    if (this.#borrowers.has(borrower) || this.#waitingBorrowers.has(borrower)) {
      throw new InvalidStateError(`${textOf(borrower)} holds a token of the limiter already, or waits for one. A borrower has one token at a time: release it first, or use another borrower.`);
    }
  }

  protected override describe(): string[] {
    return [`${this.borrowedTokens} of ${this.#total} borrowed`, ...waitersOf({ size: this.#line.asleep })];
  }
}

function checkTokens(value: number): number {
  checkOption("CapacityLimiter", "totalTokens", value, integerOrInfinity(0));
  return value;
}
