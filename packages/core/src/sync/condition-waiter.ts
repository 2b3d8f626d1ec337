// ConditionWaiter: a wait of a Condition.
//
//   sleep() ─▶ releases the lock, and waits in the condition's line
//              ──notified or cancelled──▶ waits in the lock's line ──has the lock──▶ resumed() or interrupted()
//
// A cancellation is thrown when the waiter has the lock again. Each one sends the waiter to the end of the lock's
// line, as in asyncio. A cancelled scope cancels every wait anew, so there the waiter keeps its place instead:
// otherwise it would take a step in each pass of the loop for as long as another task holds the lock.
import { AsyncResource } from "node:async_hooks";
import { type CancelledError, InvalidStateError } from "../errors.js";
import { type Lock, turnOf } from "./lock.js";
import { notYet } from "./turn.js";
import type { WaitQueue } from "./wait-queue.js";
import { Waiter } from "./waiter.js";

/** What a condition consists of. */
export interface ConditionParts {
  readonly lock: Lock;
  readonly line: WaitQueue;
}

export abstract class ConditionWaiter<T> extends Waiter<T> {
  protected readonly condition: ConditionParts;
  #state: "sleeping" | "locking" = "sleeping";
  #cancellation: CancelledError | undefined;

  constructor(condition: ConditionParts) {
    super();
    this.condition = condition;
  }

  override get what(): string {
    return "Condition.wait()";
  }

  /** The waiter was notified, and has the lock. It fulfils the future, throws, or sleeps again. */
  protected abstract resumed(): void;

  /** The waiter was cancelled, and has the lock. */
  protected interrupted(error: CancelledError): void {
    this.endCancelled(error);
  }

  /** @throws InvalidStateError the lock is not held */
  protected sleep(): void {
    const { lock, line } = this.condition;
    if (!lock.locked()) throw new InvalidStateError("A condition's wait() was called without its lock. Call acquire() first, or wait inside hold().");
    lock.release();
    this.#state = "sleeping";
    this.#cancellation = undefined;
    this.stand(line);
  }

  protected override goOn(woken: boolean, error: CancelledError | undefined): void {
    const turn = turnOf(this.condition.lock);
    const gotLock = this.#state === "locking" && (error === undefined || (woken && this.steadfast));
    this.#cancellation = error ?? this.#cancellation;
    if (gotLock) {
      turn.take(true);
      return this.#resume();
    }
    if (this.#state === "locking") turn.passOn(woken);
    this.#state = "locking";
    if (turn.take(false) !== notYet) return this.#resume();
    this.steadfast = this.isPressed;
    this.stand(turn.line);
  }

  #resume(): void {
    this.steadfast = false;
    const error = this.#cancellation;
    if (error === undefined) return this.resumed();
    this.condition.line.wakeNext(); // passes on the notification that the waiter may have got
    this.interrupted(error);
  }
}

/** `Condition.wait()`. */
export class NotificationWaiter extends ConditionWaiter<true> {
  protected override begin(): void {
    this.sleep();
  }

  protected override resumed(): void {
    this.fulfil(true);
  }
}

/** `Condition.waitFor()`. */
export class PredicateWaiter<T> extends ConditionWaiter<T> {
  readonly #predicate: () => T;

  constructor(condition: ConditionParts, predicate: () => T) {
    super(condition);
    this.#predicate = AsyncResource.bind(predicate, "offloop.Condition");
  }

  protected override begin(): void {
    this.resumed();
  }

  protected override resumed(): void {
    const result = this.#predicate();
    if (result) this.fulfil(result);
    else this.sleep();
  }
}
