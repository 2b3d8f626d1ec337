// Turns: a turn defines how a primitive gives its lock, permit or item to a waiter. Most waits take one turn in one
// line, and takeTurn() makes the future of such a wait.
import type { CancelledError } from "../errors.js";
import { Future } from "../future/future.js";
import { giveBack } from "../future/give-back.js";
import { isBudgetSpent } from "../loop/await-budget.js";
import type { WaitQueue } from "./wait-queue.js";
import { type Abortable, Waiter } from "./waiter.js";

/** The result of `take` if the caller must wait in line. */
export const notYet: unique symbol = Symbol("not yet");

/** One way to take something from a primitive, such as the lock or an item. */
export interface Turn<T> {
  readonly line: WaitQueue;
  /**
   * Takes the lock, the permit or the item.
   * @param woken the line has chosen the caller, which has just left it
   */
  take(woken: boolean): T | typeof notYet;
  /** The caller was cancelled and has left the line. @param woken whether the line had chosen the caller, so that the next one gets the turn */
  passOn(woken: boolean): void;
  /** Undoes `take` for a result that will not be used. */
  giveBack?(value: T): void;
}

/**
 * The future of one turn: already done if `turn` is free.
 * @param of the method that was called, as messages name it
 */
export function takeTurn<T>(turn: Turn<T>, options: Abortable | undefined, of: string): Future<T> {
  const isLate = isBudgetSpent();
  if (isLate || options !== undefined) return new TurnWaiter(turn, of).start(isLate, options, of);
  let value: T | typeof notYet;
  try {
    value = turn.take(false);
  } catch (error) {
    const failed = new Future<T>();
    failed.setException(error);
    return failed;
  }
  return value === notYet ? new TurnWaiter(turn, of).standAtOnce() : new Taken(value, turn);
}

class TurnWaiter<T> extends Waiter<T> {
  readonly #turn: Turn<T>;
  readonly #of: string;

  constructor(turn: Turn<T>, of: string) {
    super();
    this.#turn = turn;
    this.#of = of;
  }

  override get what(): string {
    return this.#of;
  }

  /** Waits in line, for a caller that has called `take` already. */
  standAtOnce(): this {
    try {
      this.stand(this.#turn.line);
    } catch (error) {
      this.fail(error);
    }
    return this;
  }

  protected override begin(): void {
    this.#take(false);
  }

  protected override goOn(woken: boolean, error: CancelledError | undefined): void {
    if (error === undefined) return this.#take(woken);
    this.#turn.passOn(woken);
    this.endCancelled(error);
  }

  #take(woken: boolean): void {
    const value = this.#turn.take(woken);
    if (value === notYet) this.stand(this.#turn.line);
    else this.fulfil(value as T);
  }

  [giveBack](): void {
    if (this.isUnclaimed) this.#turn.giveBack?.(this.result());
  }
}

/** The future of a turn that was free. */
class Taken<T> extends Future<T> {
  readonly #turn: Turn<T>;

  constructor(value: T, turn: Turn<T>) {
    super();
    this.#turn = turn;
    this.fulfil(value);
  }

  [giveBack](): void {
    this.#turn.giveBack?.(this.result());
  }
}

// The future is done, so an `await` need not call then(). If the constructor of a promise is Promise, the engine uses
// the promise directly, which saves two microtasks and a promise.
Object.defineProperty(Taken.prototype, "constructor", { value: Promise });
